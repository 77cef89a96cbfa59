// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>

namespace iris {

/// The derivative of a convex function along a line, and the derivative of that.
struct Slope {
  double value = 0.0;
  double curvature = 0.0;
};

/// The t > 0 at which `slope`, continuous, piecewise linear and increasing, is 0, up to rounding: Newton's method
/// within a bracket. On the piece that holds the answer its step is exact, so it ends after a few evaluations.
/// Requires: the slope at 0, which is given, is negative, and the slope becomes positive.
double FindZeroSlope(double at_zero, const std::function<Slope(double t)>& slope);

}  // namespace iris
