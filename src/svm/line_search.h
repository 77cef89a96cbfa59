// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <span>

#include "src/svm/sample_blocks.h"
#include "src/svm/thread_team.h"

namespace iris {

/// Along w̃ + t d, how the objective of the squared hinge looks: ½‖w̃ + t d‖² + Σ C_i max(0, r_i(t))², where each
/// residual r_i = 1 − s_i w̃·x̃_i is linear in t. So it is a convex quadratic between the points where a residual
/// changes sign, and its slope is continuous, rising and piecewise linear.
struct SearchLine {
  double slope = 0.0;                        ///< At t = 0: ∇P·d, < 0.
  double step_dot_step = 0.0;                ///< ‖d‖².
  std::span<const double> costs;             ///< C. Shape: samples.
  std::span<const double> residuals;         ///< r(0). Shape: samples.
  std::span<const double> residuals_at_one;  ///< r(1). Shape: samples.
};

/// The t > 0 at which the objective is smallest, exactly (up to rounding): Newton's method on the slope, kept within a
/// bracket, until it lands on the piece that it came from. Time: a few passes over the residuals.
/// Requires: d is a direction of descent.
double ExactLineSearch(const SearchLine& line, const SampleBlocks& blocks, ThreadTeam& team);

}  // namespace iris
