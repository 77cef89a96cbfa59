// SPDX-License-Identifier: Apache-2.0
//
// From measurements to a class. Pure functions of an immutable Model; safe from any thread.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/dataset/matrix.h"
#include "src/svm/model.h"

namespace iris {

/// Decision values w·x + b. Shape of x: features; of out: rows. Summed in feature order, bias last, without fused
/// multiply-add, so that every machine gives the same bits. Requires: the shapes fit.
void DecisionValues(const Model& model, std::span<const double> x, std::span<double> out);

/// The same for a sparse sample: the features that it does not name are left out of the sum, which for finite weights
/// is what adding zeros would give. Requires: its columns are below model.feature_count().
void DecisionValues(const Model& model, SparseRow x, std::span<double> out);

/// DecisionValues of several samples at once: the same bits, sooner. Shape of samples: n × features, row-major; of out:
/// n × rows. Requires: the shapes fit.
void DecisionValuesBatch(const Model& model, std::span<const double> samples, std::span<double> out);

/// Index of the class that decision values speak for: the largest, ties to the lowest index; with two classes, 1 where
/// the single value is > 0. A NaN never wins. Shape: model rows.
std::int32_t PredictedClass(std::span<const double> decision_values);

/// PredictedClass of the DecisionValues of `x`. Requires: x has model.feature_count() finite values.
std::int32_t Predict(const Model& model, std::span<const double> x);

/// Predict of several samples at once: the same classes, sooner. Shape of samples: n × features, row-major; of labels: n.
/// Requires: the shapes fit.
void PredictBatch(const Model& model, std::span<const double> samples, std::span<std::int32_t> labels);

/// The predicted class of every row of `samples`. Shape: Rows(samples). Requires: Columns(samples) is at most
/// model.feature_count(), and just that where it is dense; columns that a sparse table lacks are 0.
std::vector<std::int32_t> PredictAll(const Model& model, const Matrix& samples);

}  // namespace iris
