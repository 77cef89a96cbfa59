// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <span>

namespace iris {

/// One class against the rest, as the solver and the certificate see it. Borrows the arrays. With the intercept as one
/// more weight, on a constant feature 1, a sample is x̃ = (x, 1) and the variable is w̃ = (w, b).
struct BinaryProblem {
  std::span<const double> features;  ///< Shape: samples × feature_count, row-major. Finite.
  std::span<const double> signs;     ///< Shape: samples. +1 for the class, −1 for the rest.
  std::size_t feature_count = 0;
  double cost = 1.0;  ///< C > 0.

  std::size_t samples() const { return signs.size(); }
  /// Sample `i` without the constant. Shape: feature_count.
  const double* sample(std::size_t i) const { return features.data() + i * feature_count; }
};

}  // namespace iris
