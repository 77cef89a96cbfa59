// SPDX-License-Identifier: Apache-2.0
//
// The generalised Hessian of the squared hinge, H = 1 + Σ 2 C_i x̃_i x̃_iᵀ over the active samples, factored as Rᵀ R.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/svm/binary_problem.h"
#include "src/svm/sample_blocks.h"
#include "src/svm/thread_team.h"

namespace iris {

/// Factors and solves; keeps the sum between factorisations and adds or takes away only the samples that have become
/// active or inactive, as long as these are few. One thread. Borrows problem and team.
/// Memory: 2 (features + 1)² doubles, and with few features as many again for each block of samples; a byte a sample.
/// Time to factor: changed samples × features² / 2 + features³ / 6 multiplications.
class Hessian {
 public:
  Hessian(const BinaryProblem& problem, ThreadTeam& team);

  /// Factors H for the active set {i : residuals[i] > 0}. Shape of residuals: samples.
  /// Result: false when H does not fit into doubles.
  bool Factor(std::span<const double> residuals);

  /// Whether the last factors are those of the active set of `residuals`.
  bool IsFor(std::span<const double> residuals) const;

  /// Replaces the vector by H⁻¹ times it. Shape: features + 1. Requires: Factor returned true.
  void Solve(std::span<double> vector) const;

 private:
  bool FewHaveChanged(std::span<const double> residuals);
  void Accumulate(std::span<const double> residuals);
  void AccumulateByBlocks(std::span<const double> residuals);
  void AccumulateByPanels(std::span<const double> residuals);
  bool Lost() const;

  const BinaryProblem& problem_;
  ThreadTeam& team_;
  SampleBlocks blocks_;
  std::size_t order_;
  std::vector<double> sum_;      ///< Shape: order × order, upper triangle: Σ 2 C x̃ x̃ᵀ over the samples in `summed_`.
  std::vector<double> largest_;  ///< Shape: order. The diagonal of sum_ where it was largest since it was made afresh.
  std::vector<double> upper_;    ///< Shape: order × order: R.
  std::vector<double> partials_;
  std::vector<std::uint8_t> summed_;  ///< Shape: samples. 1: in sum_.
  std::size_t changes_ = 0;           ///< Samples added or taken away since sum_ was made afresh.
};

}  // namespace iris
