// SPDX-License-Identifier: Apache-2.0
//
// The models that the tests of this room ask.

#pragma once

#include <memory>
#include <utility>
#include <variant>

#include "catch_amalgamated.hpp"
#include "src/dataset/iris.h"
#include "src/inference/served_model.h"
#include "src/svm/predictor.h"
#include "src/svm/trainer.h"

namespace iris {

/// Iris' measurements. Shape: 150 × 4.
inline DenseMatrix Flowers() { return std::get<DenseMatrix>(LoadIris().features); }

inline ServedModel Serve(Model model) {
  return {.name = "iris", .version = "1", .model = std::make_shared<const Model>(std::move(model))};
}

/// What the server serves by default, trained anew.
inline ServedModel ServeIris() {
  Result<Model> model = Train(LoadIris(), {});
  REQUIRE(model);
  return Serve(*std::move(model));
}

/// Two classes, so a single row of weights: decision x − y + 0.5; class names of different lengths.
inline ServedModel ServeTwoClasses() {
  Model model;
  model.class_names = {"no", "maybe"};
  model.feature_names = {"x", "y"};
  model.weights = {1, -1};
  model.bias = {0.5};
  return Serve(std::move(model));
}

}  // namespace iris
