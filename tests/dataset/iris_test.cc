// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/iris.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/base/sha256.h"

namespace iris {
namespace {

TEST_CASE("the embedded bytes are the ones that assets/SOURCES.md names") {
  const std::string hash = Sha256Hex(EmbeddedIrisCsv());
  CHECK(hash == "9cc1c345c71bcc9b486b74cbf6063fa66f4bb5e0f603a4b3c3471ec2e5e8e355");
  std::ifstream file(IRIS_SOURCES_MD);
  const std::string sources{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  CHECK(sources.contains("| `iris.csv` | " + hash + " |"));
}

TEST_CASE("Iris has the published shape") {
  const Dataset iris = LoadIris();
  CHECK(iris.feature_names == std::vector<std::string>{"sepal_length", "sepal_width", "petal_length", "petal_width"});
  CHECK(iris.class_names == std::vector<std::string>{"setosa", "versicolor", "virginica"});
  REQUIRE(iris.samples() == 150);
  REQUIRE(std::get<DenseMatrix>(iris.features).values.size() == 600);
  CHECK(iris.sha256 == Sha256Hex(EmbeddedIrisCsv()));
  for (const std::int32_t label : {0, 1, 2}) CHECK(std::ranges::count(iris.labels, label) == 50);
  CHECK(std::ranges::is_sorted(iris.labels));
}

TEST_CASE("Iris has the published class means") {
  // Source: Fisher 1936, table II (setosa and versicolor), and R's aggregate(. ~ Species, iris, mean).
  constexpr std::array<std::array<double, 4>, 3> kMeans = {
      {{5.006, 3.428, 1.462, 0.246}, {5.936, 2.770, 4.260, 1.326}, {6.588, 2.974, 5.552, 2.026}}};
  const Dataset iris = LoadIris();
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t k = 0; k < 4; ++k) {
      double sum = 0.0;
      for (std::size_t i = 50 * c; i < 50 * c + 50; ++i) sum += std::get<DenseMatrix>(iris.features).row(i)[k];
      CHECK_THAT(sum / 50, Catch::Matchers::WithinAbs(kMeans[c][k], 1e-12));
    }
  }
}

TEST_CASE("the two disputed rows are Fisher's") {
  const Dataset iris = LoadIris();
  CHECK(std::ranges::equal(std::get<DenseMatrix>(iris.features).row(34), std::array{4.9, 3.1, 1.5, 0.2}));
  CHECK(std::ranges::equal(std::get<DenseMatrix>(iris.features).row(37), std::array{4.9, 3.6, 1.4, 0.1}));
}

}  // namespace
}  // namespace iris
