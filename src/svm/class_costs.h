// SPDX-License-Identifier: Apache-2.0
//
// What C is for each class.

#pragma once

#include <vector>

#include "src/base/error.h"
#include "src/dataset/dataset.h"
#include "src/svm/model.h"

namespace iris {

/// What the samples of a class are multiplied with C by, where the class stands for itself (TrainOptions.class_weights,
/// .balanced). Shape: classes. A class without samples has 1 when balanced.
/// Errors: kInvalidArgument for a weight that is not a positive finite number, for a name that is no class, and for
/// weights besides `balanced`; the message names them.
Result<std::vector<double>> ClassWeights(const Dataset& dataset, const TrainOptions& options);

/// The costs of one row of the model, `positive` against the rest. Shape: samples. With two classes each class has its
/// own weight; otherwise the rest keeps C.
/// Source: scikit-learn's and LIBLINEAR's meaning (linear.cpp, train).
std::vector<double> SampleCosts(const Dataset& dataset, double cost, const std::vector<double>& class_weights,
                                std::size_t positive);

}  // namespace iris
