// SPDX-License-Identifier: Apache-2.0
//
// From measurements to a class. Pure functions of an immutable Model; safe from any thread.

#pragma once

#include <cstdint>
#include <span>

#include "src/svm/model.h"

namespace iris {

/// Decision values w·x + b. Shape of x: features; of out: rows. Summed in feature order, bias last, without fused
/// multiply-add, so that every machine gives the same bits. Requires: the shapes fit.
void DecisionValues(const Model& model, std::span<const double> x, std::span<double> out);

/// Index of the predicted class: the largest decision value, ties to the lowest index; with two classes, 1 where the
/// single decision value is > 0. Requires: x has model.feature_count() finite values.
std::int32_t Predict(const Model& model, std::span<const double> x);

}  // namespace iris
