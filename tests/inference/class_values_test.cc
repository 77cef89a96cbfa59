// SPDX-License-Identifier: Apache-2.0

#include "src/inference/class_values.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "tests/inference/models.h"

namespace iris {
namespace {

// What class_values.h promises of any model and row.
void CheckPromises(const Model& model, std::span<const double> x) {
  const std::size_t classes = model.class_names.size();
  const std::size_t features = model.feature_count();
  std::vector<double> decisions(classes);
  std::vector<double> contributions(classes * features);
  ClassDecisions(model, x, decisions);
  ClassContributions(model, x, contributions);
  const auto largest = std::ranges::max_element(decisions) - decisions.begin();  // the first of equals
  CHECK(largest == Predict(model, x));
  for (std::size_t k = 0; k < classes; ++k) {
    double sum = 0;
    for (std::size_t i = 0; i < features; ++i) sum += contributions[k * features + i];
    CHECK(sum + ClassBias(model, k) == decisions[k]);
  }
}

TEST_CASE("the largest decision is the label's, and contributions and bias add up to decisions, to the bit") {
  const ServedModel iris = ServeIris();
  const DenseMatrix flowers = Flowers();
  for (std::size_t i = 0; i < flowers.rows(); ++i) CheckPromises(*iris.model, flowers.row(i));
  const ServedModel two = ServeTwoClasses();
  for (double x = -2; x <= 2; x += 0.125) {
    for (double y = -2; y <= 2; y += 0.125) CheckPromises(*two.model, std::array{x, y});  // ties among them
  }
}

TEST_CASE("three classes have the model's own rows") {
  const ServedModel iris = ServeIris();
  const std::array x = {6.8, 2.8, 4.8, 1.4};
  std::array<double, 3> decisions{};
  std::array<double, 3> expected{};
  ClassDecisions(*iris.model, x, decisions);
  DecisionValues(*iris.model, x, expected);
  CHECK(decisions == expected);
  std::array<double, 12> contributions{};
  ClassContributions(*iris.model, x, contributions);
  for (std::size_t i = 0; i < 12; ++i) CHECK(contributions[i] == iris.model->weights[i] * x[i % 4]);
  CHECK(ClassBias(*iris.model, 2) == iris.model->bias[2]);
}

TEST_CASE("two classes have the single row and its negative") {
  const ServedModel two = ServeTwoClasses();
  std::array<double, 2> decisions{};
  ClassDecisions(*two.model, std::array{3.0, 1.0}, decisions);
  CHECK(decisions == std::array{-2.5, 2.5});
  std::array<double, 4> contributions{};
  ClassContributions(*two.model, std::array{3.0, 1.0}, contributions);
  CHECK(contributions == std::array{-3.0, 1.0, 3.0, -1.0});
  CHECK(ClassBias(*two.model, 0) == -0.5);
  CHECK(ClassBias(*two.model, 1) == 0.5);
}

}  // namespace
}  // namespace iris
