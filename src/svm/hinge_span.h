// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <span>
#include <vector>

#include "src/svm/binary_problem.h"
#include "src/svm/solver_run.h"

namespace iris {

/// The samples of a problem in coordinates of the space that they span. With an L2 penalty the best weights lie in that
/// space, so that fewer samples than features make a problem of no more features than samples, with the same dual.
/// Borrows the signs and costs of the problem.
/// Memory: samples × features, plus 3/2 samples². Time: 4 samples² × features.
class HingeSpan {
 public:
  HingeSpan(const BinaryProblem& problem, const SolverRun& run);
  HingeSpan(const HingeSpan&) = delete;
  HingeSpan& operator=(const HingeSpan&) = delete;

  /// The problem in those coordinates; its intercept is 0, the constant feature being among the others. Borrows from
  /// this.
  BinaryProblem problem() const { return {coordinates_, original_.signs, original_.costs, 0.0}; }

  /// The weights w̃ of the original problem from those of the other. Shape: feature_count + 1.
  std::vector<double> Weights(std::span<const double> inner) const;

 private:
  const BinaryProblem& original_;
  std::vector<std::vector<double>> basis_;  ///< Orthonormal. Shape: rank × (feature_count + 1).
  Matrix coordinates_;                      ///< Shape: samples × rank.
};

}  // namespace iris
