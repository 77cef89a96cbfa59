// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "src/svm/binary_problem.h"
#include "src/svm/l1_polish.h"
#include "src/svm/solver_run.h"

namespace iris {

/// Where coordinate descent has come to.
struct L1Descent {
  L1Point point;      ///< Its steps are passes over the features.
  bool done = false;  ///< At the target.
};

/// Coordinate descent for L1 with Newton steps of the weights that are not 0, to a duality gap of `target` of the
/// objective or until it gets slow. Deterministic, whatever the threads. What it does stands in l1_coordinates.cc.
L1Descent DescendL1(const BinaryProblem& problem, double target, const SolverRun& run);

}  // namespace iris
