// SPDX-License-Identifier: Apache-2.0
//
// The solver of the L2-regularised squared hinge for fewer samples than features. What it does stands in
// dual_newton.cc.

#pragma once

#include "src/base/error.h"
#include "src/svm/binary_problem.h"
#include "src/svm/solver_run.h"

namespace iris {

/// Solves `problem` with factored systems of as many unknowns as there are samples. The result has the dual point.
/// Deterministic.
/// Errors: kBadData when squares of the features overflow a double; kCheckFailed where rounding keeps it from the
/// optimum: features of very different sizes are better off with newton.h.
Result<BinarySolution> SolveByDualNewton(const BinaryProblem& problem, const SolverRun& run);

}  // namespace iris
