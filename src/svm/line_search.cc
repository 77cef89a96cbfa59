// SPDX-License-Identifier: Apache-2.0

#include "src/svm/line_search.h"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <vector>

namespace iris {
namespace {

/// Residual `sample` changes sign at `t`.
struct SignChange {
  double t;
  std::size_t sample;

  friend auto operator<=>(const SignChange&, const SignChange&) = default;
};

}  // namespace

double ExactLineSearch(const SearchLine& line) {
  const double twice_cost = 2.0 * line.cost;
  // The slope at t is intercept + t · curvature, with the sums over the samples that are active (r > 0) at t.
  double intercept = line.weights_dot_step;
  double curvature = line.step_dot_step;
  std::vector<SignChange> changes;
  for (std::size_t i = 0; i < line.residuals.size(); ++i) {
    const double residual = line.residuals[i];
    const double fall = residual - line.residuals_at_one[i];  // r_i(t) = residual − t · fall
    const bool active = residual > 0.0;
    if (active) {
      intercept -= twice_cost * fall * residual;
      curvature += twice_cost * fall * fall;
    }
    if (active ? fall > 0.0 : fall < 0.0) changes.push_back({residual / fall, i});
  }
  std::ranges::sort(changes);  // ties by sample, for the same sums everywhere
  for (const SignChange& change : changes) {
    if (intercept + change.t * curvature >= 0.0) break;
    const double residual = line.residuals[change.sample];
    const double fall = residual - line.residuals_at_one[change.sample];
    const double sign = residual > 0.0 ? -1.0 : 1.0;  // leaves, or enters
    intercept -= sign * twice_cost * fall * residual;
    // Never below the penalty's own share, which cancellation might otherwise eat.
    curvature = std::max(curvature + sign * twice_cost * fall * fall, line.step_dot_step);
  }
  return -intercept / curvature;
}

}  // namespace iris
