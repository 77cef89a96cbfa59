// SPDX-License-Identifier: Apache-2.0
//
// The matrix-free solver for the L2-regularised squared hinge. What it does stands in truncated_newton.cc.

#pragma once

#include <cstdint>

#include "src/svm/binary_problem.h"
#include "src/svm/newton.h"
#include "src/svm/solver_run.h"

namespace iris {

/// What conjugate gradients came to.
struct TruncatedNewtonResult {
  BinarySolution solution;
  bool converged = false;  ///< false: the weights are the best that were found, not (or not enough of) the optimum.
  double left = 1.0;  ///< ½‖g‖² / P at the last weights whose gradient was computed, or just before: bounds the gap.
};

/// Solves `problem` with products with the table and its transpose alone, at most `most_products` of them (give or take
/// those of one step). Deterministic.
TruncatedNewtonResult SolveByTruncatedNewton(const BinaryProblem& problem, NewtonStart start,
                                             std::int64_t most_products, const SolverRun& run);

}  // namespace iris
