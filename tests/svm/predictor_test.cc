// SPDX-License-Identifier: Apache-2.0

#include "src/svm/predictor.h"

#include <array>
#include <limits>
#include <vector>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

Model MakeModel(std::size_t classes, std::size_t features, std::vector<double> weights, std::vector<double> bias) {
  Model model;
  model.class_names.resize(classes);
  model.feature_names.resize(features);
  model.weights = std::move(weights);
  model.bias = std::move(bias);
  return model;
}

TEST_CASE("decision values are w·x + b, summed in order, bias last") {
  const Model model = MakeModel(3, 2, {1, 2, 3, 4, 1e16, 1}, {10, 20, -1e16});
  std::array<double, 3> out{};
  DecisionValues(model, std::array{0.5, 0.25}, out);
  CHECK(out[0] == 11.0);
  CHECK(out[1] == 22.5);
  DecisionValues(model, std::array{1.0, 1.0}, out);
  CHECK(out[2] == 0.0);  // (1e16 + 1) − 1e16 in doubles: another order would give 1
}

TEST_CASE("the largest decision value wins, ties go to the lowest index") {
  const Model model = MakeModel(3, 1, {1, 1, -1}, {0, 0, 0});
  CHECK(Predict(model, std::array{2.0}) == 0);
  CHECK(Predict(model, std::array{-2.0}) == 2);
  CHECK(Predict(model, std::array{0.0}) == 0);
  CHECK(Predict(MakeModel(3, 1, {0, 1, 1}, {0, 0, 0}), std::array{1.0}) == 1);
}

TEST_CASE("two classes: the second only above zero") {
  const Model model = MakeModel(2, 1, {2}, {-1});
  CHECK(Predict(model, std::array{0.5}) == 0);
  CHECK(Predict(model, std::array{0.50001}) == 1);
  CHECK(Predict(model, std::array{-3.0}) == 0);
}

TEST_CASE("finite input that overflows still gets a class") {
  const double huge = std::numeric_limits<double>::max();
  // Decision values NaN, +inf, -inf.
  const Model model = MakeModel(3, 2, {2, -2, 2, 2, -2, -2}, {0, 0, 0});
  CHECK(Predict(model, std::array{huge, huge}) == 1);
  CHECK(Predict(MakeModel(2, 2, {2, -2}, {0}), std::array{huge, huge}) == 0);
}

}  // namespace
}  // namespace iris
