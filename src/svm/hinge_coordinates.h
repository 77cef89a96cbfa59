// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "src/svm/binary_problem.h"
#include "src/svm/solver_run.h"

namespace iris {

/// Where coordinate descent has come to.
struct CoordinateDescent {
  BinarySolution solution;    ///< With the dual point; its steps are passes over the samples.
  double relative_gap = 1.0;  ///< Duality gap, of the objective.
  bool done = false;          ///< That is the target, and small beside ½‖w̃‖² as well.
};

/// Dual coordinate descent with shrinking for the hinge, to a duality gap of `target` of the objective or until it gets
/// slow. Deterministic; on the calling thread. What it does stands in hinge_coordinates.cc.
CoordinateDescent DescendCoordinates(const BinaryProblem& problem, double target, const SolverRun& run);

}  // namespace iris
