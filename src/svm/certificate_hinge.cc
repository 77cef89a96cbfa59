// SPDX-License-Identifier: Apache-2.0

#include "src/svm/certificate_hinge.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "src/svm/double_double.h"
#include "src/svm/sample_blocks.h"

namespace iris {
namespace {

/// Sums over some of the samples.
struct Sums {
  DoubleDouble losses;             ///< Σ C max(0, r).
  DoubleDouble alpha;              ///< Σ α.
  std::vector<DoubleDouble> pull;  ///< Σ α s x̃. Shape: feature_count + 1.
  double violation = 0.0;          ///< Of the conditions on the residuals.
  std::int64_t support_vectors = 0;
};

/// x̃_i·w̃.
DoubleDouble Decision(const BinaryProblem& problem, std::size_t i, std::span<const double> weights) {
  DoubleDouble sum;
  const double* const w = weights.data();
  if (const auto* dense = std::get_if<DenseMatrix>(&problem.features)) {
    const std::span<const double> x = dense->row(i);
    const double* const values = x.data();
    for (std::size_t k = 0; k < x.size(); ++k) sum.AddProduct(w[k], values[k]);
  } else {
    const SparseRow x = std::get<SparseMatrix>(problem.features).row(i);
    for (std::size_t k = 0; k < x.values.size(); ++k) sum.AddProduct(weights[x.columns[k]], x.values[k]);
  }
  sum.AddProduct(weights[problem.feature_count()], problem.intercept);
  return sum;
}

/// pull += scale x̃_i.
void AddSample(const BinaryProblem& problem, std::size_t i, double scale, std::vector<DoubleDouble>& pull) {
  if (const auto* dense = std::get_if<DenseMatrix>(&problem.features)) {
    const std::span<const double> x = dense->row(i);
    const double* const values = x.data();
    DoubleDouble* const sums = pull.data();
    for (std::size_t k = 0; k < x.size(); ++k) sums[k].AddProduct(scale, values[k]);
  } else {
    const SparseRow x = std::get<SparseMatrix>(problem.features).row(i);
    for (std::size_t k = 0; k < x.values.size(); ++k) pull[x.columns[k]].AddProduct(scale, x.values[k]);
  }
  pull[problem.feature_count()].AddProduct(scale, problem.intercept);
}

void AddUp(const BinaryProblem& problem, const BinarySolution& solution, SampleBlock block, Sums& sums) {
  sums.pull.resize(problem.feature_count() + 1);
  for (std::size_t i = block.begin; i < block.end; ++i) {
    const double sign = problem.signs[i];
    const double cost = problem.costs[i];
    const DoubleDouble decision = Decision(problem, i, solution.weights);
    DoubleDouble residual;
    residual.Add(1.0);
    residual.Add(-sign * decision.high());
    residual.Add(-sign * decision.low());
    const double r = residual.value();
    if (r > 0.0) {
      sums.losses.AddProduct(cost, r);
      sums.losses.AddProduct(cost, (residual.high() - r) + residual.low());
    }
    const double given = solution.dual.empty() ? 0.0 : solution.dual[i];
    const double alpha = given > 0.0 ? std::min(given, cost) : 0.0;  // a NaN becomes 0
    if (alpha < cost) sums.violation = std::max(sums.violation, r);
    if (alpha == 0.0) continue;
    sums.violation = std::max(sums.violation, -r);
    ++sums.support_vectors;
    sums.alpha.Add(alpha);
    AddSample(problem, i, sign * alpha, sums.pull);
  }
}

void Append(DoubleDouble& sum, const DoubleDouble& x) {
  sum.Add(x.high());
  sum.Add(x.low());
}

/// sum += ½ x².
void AppendHalfSquare(DoubleDouble& sum, const DoubleDouble& x) {
  const double value = x.value();
  sum.AddProduct(0.5 * value, value);
  sum.Add(value * ((x.high() - value) + x.low()));
}

}  // namespace

Certificate CertifyHinge(const BinaryProblem& problem, const BinarySolution& solution, ThreadTeam& team) {
  const SampleBlocks blocks(problem.features);
  std::vector<Sums> parts(blocks.count());
  blocks.ForEach(team, [&](std::size_t b, SampleBlock block) { AddUp(problem, solution, block, parts[b]); });
  Sums total = std::move(parts.front());
  for (std::size_t b = 1; b < parts.size(); ++b) {
    Append(total.losses, parts[b].losses);
    Append(total.alpha, parts[b].alpha);
    for (std::size_t k = 0; k < total.pull.size(); ++k) Append(total.pull[k], parts[b].pull[k]);
    total.violation = std::max(total.violation, parts[b].violation);
    total.support_vectors += parts[b].support_vectors;
  }

  DoubleDouble primal = total.losses;
  DoubleDouble half_pull;
  for (std::size_t k = 0; k < total.pull.size(); ++k) {
    primal.AddProduct(0.5 * solution.weights[k], solution.weights[k]);
    AppendHalfSquare(half_pull, total.pull[k]);
    total.violation = std::max(total.violation, std::abs(solution.weights[k] - total.pull[k].value()));
  }
  DoubleDouble dual = total.alpha;
  dual.Add(-half_pull.high());
  dual.Add(-half_pull.low());
  DoubleDouble gap = primal;
  gap.Add(-dual.high());
  gap.Add(-dual.low());
  return {.objective = primal.value(),
          .dual_objective = dual.value(),
          .duality_gap = gap.value(),
          .violation = total.violation,
          .support_vectors = total.support_vectors,
          .steps = solution.steps};
}

}  // namespace iris
