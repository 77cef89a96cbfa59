// SPDX-License-Identifier: Apache-2.0
//
// The L2-regularised squared hinge with a penalised intercept: which of its three solvers takes a problem.

#pragma once

#include "src/base/error.h"
#include "src/svm/binary_problem.h"
#include "src/svm/solver_run.h"

namespace iris {

/// Solves `problem` to the optimum of ½‖w̃‖² + Σ C_i max(0, 1 − s_i w̃·x̃_i)². Deterministic.
/// Errors: kBadData when squares of the features overflow a double; kCheckFailed when the bound on steps is reached.
Result<BinarySolution> SolveSquaredHinge(const BinaryProblem& problem, const SolverRun& run);

}  // namespace iris
