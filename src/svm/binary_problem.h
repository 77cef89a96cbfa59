// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/dataset/matrix.h"

namespace iris {

/// One class against the rest, as solvers and certificates see it. Borrows everything. A sample is x̃ = (x, β), with
/// β = `intercept` a constant feature, and the variable is w̃ = (w, v); the intercept of the model is b = β v. With
/// β = 0 there is no intercept, and v stays 0.
struct BinaryProblem {
  const Matrix& features;         ///< Shape: samples × feature_count. Finite.
  std::span<const double> signs;  ///< Shape: samples. +1 for the class, −1 for the rest.
  std::span<const double> costs;  ///< Shape: samples. C of each sample, > 0.
  double intercept = 1.0;         ///< β ≥ 0.

  std::size_t samples() const { return signs.size(); }
  std::size_t feature_count() const { return Columns(features); }
};

/// What every solver returns.
struct BinarySolution {
  std::vector<double> weights{};  ///< w̃. Shape: feature_count + 1; the last is v, 0 without an intercept.
  /// Where the dual point of the certificate does not follow from the weights (hinge, L1): α. Shape: samples, or 0.
  std::vector<double> dual{};
  /// What rounding to doubles took from w̃, where that matters to the dual point. Shape: feature_count + 1, or 0.
  std::vector<double> rounded_off{};
  std::int64_t steps = 0;
};

}  // namespace iris
