// SPDX-License-Identifier: Apache-2.0
//
// Models as they come, of every kind that a file has to hold. Written down, not trained: what is tested is files.

#pragma once

#include <string>
#include <vector>

#include "src/svm/model.h"

namespace iris {

/// The optimum of the embedded data at C = 1.
inline Model IrisModel() {
  Model model;
  model.class_names = {"setosa", "versicolor", "virginica"};
  model.feature_names = {"sepal_length", "sepal_width", "petal_length", "petal_width"};
  model.weights = {0.18424468597970563,  0.45122252337996333,  -0.80793722656948842, -0.45072813409094696,
                   0.05524624778074137,  -0.90089460450182273, 0.40923384587091758,  -0.96062710379750921,
                   -0.85059120136501678, -0.98655487988716267, 1.38103733073782874,  1.86512017852995039};
  model.bias = {0.10955235131418892, 1.68737164127141042, -1.71079266122162709};
  model.certificates = {{0.6788984279657909, 0.6788984279657908, 1.1e-16, 4e-15, 30, 5},
                        {100.2183184391189, 100.2183184391189, 0, 3e-13, 141, 3},
                        {17.66627053022465, 17.66627053022465, -3e-15, 2e-13, 69, 5}};
  model.data_sha256 = "0f3c2d0b6c1f3a5e7d9b8a6c4e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f";
  model.trained_by = "iris-predictor 0.1.0";
  return model;
}

/// Two classes are one row.
inline Model TwoClassModel() {
  Model model;
  model.class_names = {"no", "yes"};
  model.feature_names = {"x"};
  model.weights = {0.75};
  model.bias = {-0.5};
  model.options.loss = Loss::kHinge;
  model.certificates = {{2, 1.5, 0.5, 1e-3, 2, 7}};
  return model;
}

inline Model L1Model() {
  Model model = IrisModel();
  model.options.penalty = Penalty::kL1;
  model.options.cost = 0.1;
  model.options.balanced = true;
  model.options.fit_intercept = false;
  model.options.intercept_scaling = 2.5;
  model.weights[2] = 0.0;
  model.bias = {0.0, 0.0, 0.0};
  return model;
}

inline Model WeightedModel() {
  Model model = IrisModel();
  model.options.class_weights = {{"virginica", 0.25}, {"setosa", 3}};
  model.data_sha256.clear();
  return model;
}

/// What another program made, with names from all over the world.
inline Model ForeignModel() {
  Model model = TwoClassModel();
  model.class_names = {"\xC3\xA9pinette", "\xE6\x9D\xBE \"\xF0\x9F\x8C\xB2\""};
  model.feature_names = {"H\xC3\xB6he \\ \xE2\x84\x83"};
  model.options = {};
  model.options_known = false;
  model.certificates.clear();
  model.trained_by = "\xD0\xB4\xD1\x80\xD1\x83\xD0\xB3\xD0\xBE\xD0\xB5";
  return model;
}

/// One of each.
inline std::vector<Model> AllModels() {
  return {IrisModel(), TwoClassModel(), L1Model(), WeightedModel(), ForeignModel()};
}

}  // namespace iris
