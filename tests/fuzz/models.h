// SPDX-License-Identifier: Apache-2.0
//
// What holds of every model that was read.

#pragma once

#include <cmath>

#include "src/svm/model.h"
#include "src/svm/predictor.h"
#include "tests/fuzz/fuzz.h"

namespace iris::fuzz {

inline void RequireWhole(const Model& model) {
  Require(model.class_names.size() >= 2 && model.feature_count() >= 1, "classes and features");
  Require(model.rows() == (model.class_names.size() == 2 ? 1 : model.class_names.size()), "a row a class");
  Require(model.weights.size() == model.rows() * model.feature_count(), "a weight a feature and row");
  Require(model.certificates.empty() || model.certificates.size() == model.rows(), "a certificate a row");
  for (const double weight : model.weights) Require(std::isfinite(weight), "weights are finite");
  for (const double bias : model.bias) Require(std::isfinite(bias), "biases are finite");
  const std::vector<double> sample(model.feature_count(), 1.0);
  const std::int32_t label = Predict(model, sample);
  Require(label >= 0 && static_cast<std::size_t>(label) < model.class_names.size(), "it predicts one of its classes");
}

}  // namespace iris::fuzz
