// SPDX-License-Identifier: Apache-2.0

#include "src/svm/line_search.h"

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace iris {
namespace {

constexpr int kMaxEvaluations = 200;  // 5 or so are usual; bisection alone would take 60
constexpr double kFlat = 1e-13;       // of the first slope

/// What happens to the slope between 0 and t.
struct Rise {
  double amount = 0.0;     ///< slope(t) − slope(0). Every sample's share of it is ≥ 0, so that nothing cancels.
  double curvature = 0.0;  ///< At t.
};

Rise RiseAt(const SearchLine& line, double t, const SampleBlocks& blocks, ThreadTeam& team,
            std::vector<double>& partials) {
  const double* const costs = line.costs.data();
  const double* const at_zero = line.residuals.data();
  const double* const at_one = line.residuals_at_one.data();
  double sums[2] = {0.0, 0.0};
  blocks.Sum(team, 2, sums, partials, [&](SampleBlock block, double* partial) {
    double amounts[2] = {0.0, 0.0};  // of the block's samples by turns
    double curvatures[2] = {0.0, 0.0};
    const auto add = [&](std::size_t i, std::size_t turn) {
      const double start = at_zero[i];
      const double fall = start - at_one[i];  // r_i(t) = start − t · fall
      const double end = start - t * fall;
      const double weight = 2.0 * costs[i] * fall;
      // How far max(0, r) has fallen: with the sample active at both ends not as a difference, which would cancel.
      const double from = start > 0.0 ? start : 0.0;
      const double to = end > 0.0 ? end : 0.0;
      const double both = start < end ? start : end;
      amounts[turn] += weight * (both > 0.0 ? t * fall : from - to);
      curvatures[turn] += weight * (end > 0.0 ? fall : 0.0);
    };
    std::size_t i = block.begin;
    for (; i + 2 <= block.end; i += 2) {
      add(i, 0);
      add(i + 1, 1);
    }
    if (i < block.end) add(i, 0);
    partial[0] = amounts[0] + amounts[1];
    partial[1] = curvatures[0] + curvatures[1];
  });
  return {sums[0] + t * line.step_dot_step, sums[1] + line.step_dot_step};
}

}  // namespace

double ExactLineSearch(const SearchLine& line, const SampleBlocks& blocks, ThreadTeam& team) {
  std::vector<double> partials;
  double low = 0.0;
  double high = std::numeric_limits<double>::infinity();
  double t = 1.0;
  for (int i = 0; i < kMaxEvaluations; ++i) {
    const Rise rise = RiseAt(line, t, blocks, team, partials);
    const double slope = line.slope + rise.amount;
    double next = t - slope / rise.curvature;
    if (!(std::abs(slope) > -kFlat * line.slope) || next == t) return next;
    (slope < 0.0 ? low : high) = t;
    if (!(next > low && next < high)) next = std::isinf(high) ? 2.0 * t : 0.5 * (low + high);
    if (next == t) return t;
    t = next;
  }
  return t;
}

}  // namespace iris
