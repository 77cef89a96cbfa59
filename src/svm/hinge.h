// SPDX-License-Identifier: Apache-2.0
//
// The solver for the L2-regularised hinge with a penalised intercept. What it does stands in hinge.cc.

#pragma once

#include "src/base/error.h"
#include "src/svm/binary_problem.h"
#include "src/svm/solver_run.h"

namespace iris {

/// Solves `problem` to the optimum of ½‖w̃‖² + Σ C_i max(0, 1 − s_i w̃·x̃_i), as near as doubles allow: where rounding
/// ends the search early, the best point is returned and its certificate says how good it is. The result has the dual
/// point. Deterministic, whatever the threads.
/// Errors: kBadData when squares of the features overflow a double.
Result<BinarySolution> SolveHinge(const BinaryProblem& problem, const SolverRun& run);

}  // namespace iris
