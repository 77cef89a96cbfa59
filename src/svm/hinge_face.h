// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "src/svm/binary_problem.h"
#include "src/svm/hinge_rows.h"
#include "src/svm/solver_run.h"

namespace iris {

/// Steps of the hinge's dual point over the face of its box that it lies on. Borrows all. What it does stands in
/// hinge_face.cc.
class HingeFace {
 public:
  HingeFace(const BinaryProblem& problem, const SolverRun& run) : problem_(problem), run_(run) {}

  /// Moves α over its face, never to a worse point, and adds the change of Σ α z to `weights`.
  /// `factoring` and `iterating` are the samples that the work may be worth visiting, by factorisation or else by
  /// conjugate gradients. Result: the samples that it was worth, as far as that was factoring.
  /// Shape of dual: samples; of weights: feature_count + 1.
  std::size_t Step(std::span<double> dual, std::span<double> weights, std::size_t factoring, std::size_t iterating);

 private:
  void Iterate(const HingeRows& free, std::span<const double> slopes, std::size_t iterations);
  bool Solve(const HingeRows& free, std::span<const double> slopes);

  const BinaryProblem& problem_;
  const SolverRun& run_;
  std::vector<double> step_;  ///< d. Shape: samples of the face.
};

}  // namespace iris
