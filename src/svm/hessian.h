// SPDX-License-Identifier: Apache-2.0
//
// The generalised Hessian of the squared hinge, H = I + 2C Σ x̃ x̃ᵀ over the active samples, factored as L Lᵀ.

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "src/svm/binary_problem.h"

namespace iris {

/// Factors and solves; keeps its memory between factorisations. One thread. `problem` must outlive it.
/// Memory: (features + 1)² doubles, twice that while rotating. Time to factor: active × features² + features³ / 3.
class Hessian {
 public:
  explicit Hessian(const BinaryProblem& problem);

  /// Factors H for the active set {i : residuals[i] > 0}. Shape of residuals: samples.
  /// Result: false when H does not fit into doubles.
  bool Factor(std::span<const double> residuals);

  /// Replaces the vector by H⁻¹ times it. Shape: features + 1. Requires: Factor returned true.
  void Solve(std::span<double> vector) const;

 private:
  void Accumulate(std::span<const double> residuals);
  bool Cholesky();
  void Rotate(std::span<const double> residuals);

  const BinaryProblem& problem_;
  std::size_t order_;
  std::vector<double> lower_;  ///< Shape: order × order, row-major; H, then L, in the lower triangle.
  std::vector<double> block_;  ///< Shape: kBlock × order; a few active samples, with their constant.
};

}  // namespace iris
