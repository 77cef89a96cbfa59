// SPDX-License-Identifier: Apache-2.0
//
// The direct solver for the L2-regularised squared hinge. What it does stands in newton.cc.

#pragma once

#include <cstdint>
#include <vector>

#include "src/base/error.h"
#include "src/svm/binary_problem.h"
#include "src/svm/solver_run.h"

namespace iris {

/// Where Newton's method starts, and when it stops before the optimum.
struct NewtonStart {
  std::vector<double> weights{};  ///< w̃. Shape: feature_count + 1; empty: 0.
  /// Stop as soon as a step promises less than this share of the objective; 0: go on to the optimum.
  double enough = 0.0;
  std::int64_t most_steps = 2000;  ///< Ordinary tables take about 10.
};

/// Solves `problem` with factored Hessians. Deterministic.
/// Errors: kBadData when squares of the features overflow a double; kCheckFailed when the bound on steps is reached.
Result<BinarySolution> SolveByNewton(const BinaryProblem& problem, NewtonStart start, const SolverRun& run);

}  // namespace iris
