// SPDX-License-Identifier: Apache-2.0

#include "src/svm/class_costs.h"

#include <limits>
#include <vector>

#include "catch_amalgamated.hpp"
#include "tests/svm/tables.h"

namespace iris {
namespace {

/// Six samples of three classes: c0 three times, c1 twice, c2 once.
Dataset SixSamples() { return MakeDataset(1, 3, {1, 2, 3, 4, 5, 6}, {0, 0, 0, 1, 1, 2}); }

TEST_CASE("weights by name; classes that are not named have 1") {
  const Dataset table = SixSamples();
  CHECK(ClassWeights(table, {}).value() == std::vector<double>{1, 1, 1});
  TrainOptions options;
  options.class_weights = {{"c2", 5.0}, {"c0", 0.25}};
  CHECK(ClassWeights(table, options).value() == std::vector<double>{0.25, 1, 5});
}

TEST_CASE("balanced: samples / (classes × samples of the class)") {
  TrainOptions options;
  options.balanced = true;
  CHECK(ClassWeights(SixSamples(), options).value() == std::vector<double>{6.0 / 9, 6.0 / 6, 6.0 / 3});
  Dataset without = SixSamples();
  without.labels.back() = 0;
  CHECK(ClassWeights(without, options).value() == std::vector<double>{6.0 / 12, 6.0 / 6, 1.0});
}

TEST_CASE("one against the rest: the class's own weight, and plain C for the rest") {
  const Dataset table = SixSamples();
  CHECK(SampleCosts(table, 2.0, {3, 5, 7}, 0) == std::vector<double>{6, 6, 6, 2, 2, 2});
  CHECK(SampleCosts(table, 2.0, {3, 5, 7}, 2) == std::vector<double>{2, 2, 2, 2, 2, 14});
}

TEST_CASE("two classes: each its own weight") {
  const Dataset table = MakeDataset(1, 2, {1, 2, 3}, {0, 1, 0});
  CHECK(SampleCosts(table, 2.0, {3, 5}, 1) == std::vector<double>{6, 10, 6});
}

TEST_CASE("weights that make no sense are named") {
  const Dataset table = SixSamples();
  TrainOptions options;
  options.class_weights = {{"setosa", 2.0}};
  CHECK(ClassWeights(table, options).error() ==
        Error{ErrorCode::kInvalidArgument,
              "found a weight for class \"setosa\", expected one of \"c0\", \"c1\", \"c2\""});
  for (const double weight : {0.0, -1.0, std::numeric_limits<double>::infinity()}) {
    options.class_weights = {{"c1", weight}};
    const Error error = ClassWeights(table, options).error();
    CHECK(error.code == ErrorCode::kInvalidArgument);
    CHECK(error.message.contains("for class \"c1\", expected a finite number greater than 0"));
  }
  options.class_weights = {{"c1", 1.0}};
  options.balanced = true;
  CHECK(ClassWeights(table, options).error().message.contains("expected one or the other"));

  Dataset many = SixSamples();
  for (int c = 3; c < 15; ++c) many.class_names.push_back("c" + std::to_string(c));
  options = {};
  options.class_weights = {{"x", 2.0}};
  CHECK(ClassWeights(many, options).error().message.ends_with("\"c9\" and 5 more"));
}

}  // namespace
}  // namespace iris
