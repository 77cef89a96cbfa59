// SPDX-License-Identifier: Apache-2.0
//
// The solver for the L2-regularised squared hinge with a penalised intercept. What it does stands in newton.cc.

#pragma once

#include <cstdint>
#include <vector>

#include "src/base/error.h"
#include "src/svm/binary_problem.h"

namespace iris {

/// The minimiser, and the Newton steps it took.
struct NewtonSolution {
  std::vector<double> weights;  ///< Shape: feature_count.
  double bias = 0.0;
  /// What rounding to doubles took from (weights, bias), where that matters to the dual point; otherwise empty.
  std::vector<double> rounded_off;  ///< Shape: feature_count + 1, or 0.
  std::int64_t steps = 0;
};

/// Solves `problem` to the optimum. Pure; deterministic.
/// Errors: kBadData when squares of the features overflow a double; kCheckFailed when the bound on steps is reached.
Result<NewtonSolution> SolveSquaredHinge(const BinaryProblem& problem);

}  // namespace iris
