// SPDX-License-Identifier: Apache-2.0

#include "src/svm/hinge_search.h"

#include <algorithm>
#include <cmath>

namespace iris {
namespace {

constexpr int kMostEvaluations = 60;
constexpr double kFarthest = 1e3;      // times farther in one step
constexpr double kSameStep = 1e-13;    // relative

}  // namespace

double FindZeroSlope(double at_zero, const std::function<Slope(double t)>& slope) {
  double low = 0.0;
  double low_slope = at_zero;
  double high = 0.0;  // 0: not found yet
  double high_slope = 1.0;
  double t = 1.0;
  for (int evaluation = 0; evaluation < kMostEvaluations; ++evaluation) {
    const Slope at = slope(t);
    if (at.value == 0.0 || !std::isfinite(at.value)) return t;
    if (at.value < 0.0) {
      low = t;
      low_slope = at.value;
    } else {
      high = t;
      high_slope = at.value;
    }
    double next = at.curvature > 0.0 ? t - at.value / at.curvature : -1.0;
    if (high == 0.0) {
      if (!(next > t)) next = 2.0 * t;
      next = std::min(next, kFarthest * t);
    } else if (!(next > low && next < high)) {
      // Newton's step left the bracket: the secant's does not, but for rounding; bisection now and then, for speed.
      next = evaluation % 3 == 2 ? 0.5 * (low + high)
                                  : low + (high - low) * (-low_slope / (high_slope - low_slope));
      if (!(next > low && next < high)) return t;
    }
    if (std::abs(next - t) <= kSameStep * t) return next;
    t = next;
  }
  return t;
}

}  // namespace iris
