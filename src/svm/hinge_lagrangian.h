// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <span>

#include "src/base/error.h"
#include "src/svm/binary_problem.h"
#include "src/svm/solver_run.h"

namespace iris {

/// The hinge on some samples, the others being known to stay on one side of their kinks, where their loss is 0 or
/// linear: ½‖w̃‖² + Σ C_i max(0, r_i) over `samples`, + offset − pull·w̃. Borrows.
struct HingePart {
  BinaryProblem samples;
  std::span<const double> pull;  ///< Σ C_i z_i over the others with a loss. Shape: feature_count + 1, or 0 for none.
  double offset = 0.0;           ///< Σ C_i over them.
};

/// Where to start.
struct HingeStart {
  std::span<const double> weights;  ///< w̃. Shape: feature_count + 1, or 0 for nowhere in particular.
  std::span<const double> dual;     ///< α. Shape: samples, or 0 for none.
  double width = 0.0;               ///< > 0. How wide to round the kinks off: about as far as residuals may move.
};

/// When to end: whatever comes first.
struct HingeEnd {
  double gap = 0.0;  ///< A duality gap of this part of the objective, or as near to that as rounding allows.
  int stages = 0;    ///< After this many widths; 0: any number.
};

/// Minimises `part`. The result has the dual point. Deterministic, whatever the threads. What it does stands in
/// hinge_lagrangian.cc.
/// Errors: kBadData when squares of the features overflow a double.
Result<BinarySolution> MinimiseHinge(const HingePart& part, const HingeStart& start, const HingeEnd& end,
                                     const SolverRun& run);

}  // namespace iris
