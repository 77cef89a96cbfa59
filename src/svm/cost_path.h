// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>

#include "src/base/error.h"
#include "src/svm/binary_problem.h"
#include "src/svm/newton.h"
#include "src/svm/solver_run.h"

namespace iris {

/// A solver that can start from given weights, and stop early.
using StartedSolver =
    std::function<Result<BinarySolution>(const BinaryProblem& problem, NewtonStart start, const SolverRun& run)>;

/// Solves a problem by way of problems with smaller costs: from costs so small that the penalty alone decides, ten
/// times larger from one to the next, each started from the (rough) optimum of the last. Where the classes are nearly
/// separable and C is large, Newton's method crosses hundreds of active sets on its way from 0, and few along this
/// path. The last problem is the given one, solved to the end. Result: as the solver's, with the steps of all.
Result<BinarySolution> SolveAlongCosts(const BinaryProblem& problem, const StartedSolver& solver, const SolverRun& run);

}  // namespace iris
