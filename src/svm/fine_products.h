// SPDX-License-Identifier: Apache-2.0
//
// Residuals and gradient of the squared hinge with about twice the digits of a double, for tables where doubles cannot
// tell which samples are active: where classes are separable and C is large, residuals at the optimum are far below the
// last digit of the 1 that they are a difference from. The certificate, which checks what is computed here, has
// arithmetic of its own.

#pragma once

#include <span>
#include <vector>

#include "src/svm/binary_problem.h"
#include "src/svm/sample_blocks.h"
#include "src/svm/thread_team.h"

namespace iris {

/// Weights w̃ with about twice the digits of a double: high + low, where high is the rounded weight.
struct FineWeights {
  std::vector<double> high;  ///< Shape: features + 1.
  std::vector<double> low;   ///< Shape: features + 1.

  /// Adds factor · step, all digits kept. Shape of step: features + 1.
  void AddMultiple(double factor, std::span<const double> step);
};

/// r_i = 1 − s_i w̃·x̃_i, rounded to a double only in the end. Result: Σ C_i max(0, r_i)². Shape: samples.
double FineResiduals(const BinaryProblem& problem, const FineWeights& weights, const SampleBlocks& blocks,
                     ThreadTeam& team, std::span<double> residuals);

/// w̃ − Σ 2 C_i s_i r_i x̃_i over the samples with r_i > 0, rounded only in the end. Shape: features + 1.
void FineGradient(const BinaryProblem& problem, const FineWeights& weights, std::span<const double> residuals,
                  const SampleBlocks& blocks, ThreadTeam& team, std::span<double> gradient);

}  // namespace iris
