// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <span>

namespace iris {

/// Along w̃ + t d, how the objective of the squared hinge looks: ½‖w̃ + t d‖² + C Σ max(0, r_i(t))², where each residual
/// r_i = 1 − s_i w̃·x̃_i is linear in t. So it is a convex quadratic between the points where a residual changes sign.
struct SearchLine {
  double cost = 1.0;                         ///< C.
  double weights_dot_step = 0.0;             ///< w̃·d.
  double step_dot_step = 0.0;                ///< ‖d‖².
  std::span<const double> residuals;         ///< r_i(0). Shape: samples.
  std::span<const double> residuals_at_one;  ///< r_i(1). Shape: samples.
};

/// The t > 0 at which the objective is smallest, exactly (up to rounding): the pieces are gone through in order until
/// the slope turns. Time: samples + k log k for k sign changes. Requires: d is a direction of descent.
double ExactLineSearch(const SearchLine& line);

}  // namespace iris
