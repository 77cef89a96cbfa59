// SPDX-License-Identifier: Apache-2.0

#include "src/svm/certificate_l1.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "src/svm/double_double.h"
#include "src/svm/sample_blocks.h"

namespace iris {
namespace {

/// Sums over some of the samples, with α = 2C max(0, r).
struct Sums {
  DoubleDouble losses;             ///< Σ C max(0, r)² = Σ α² / 4C.
  DoubleDouble alpha;              ///< Σ α.
  std::vector<DoubleDouble> pull;  ///< Σ α s x̃. Shape: feature_count + 1.
  std::int64_t support_vectors = 0;
};

/// The part of `sum` that its nearest double leaves out.
double Rest(const DoubleDouble& sum) { return (sum.high() - sum.value()) + sum.low(); }

/// sum += x̃_i·w̃.
void AddDecision(const BinaryProblem& problem, std::size_t i, std::span<const double> weights, DoubleDouble& sum) {
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
}

/// pull += (scale + rest) x̃_i.
void AddSample(const BinaryProblem& problem, std::size_t i, double scale, double rest,
               std::vector<DoubleDouble>& pull) {
  if (const auto* dense = std::get_if<DenseMatrix>(&problem.features)) {
    const std::span<const double> x = dense->row(i);
    const double* const values = x.data();
    DoubleDouble* const sums = pull.data();
    for (std::size_t k = 0; k < x.size(); ++k) {
      sums[k].AddProduct(scale, values[k]);
      sums[k].Add(rest * values[k]);
    }
  } else {
    const SparseRow x = std::get<SparseMatrix>(problem.features).row(i);
    for (std::size_t k = 0; k < x.values.size(); ++k) {
      pull[x.columns[k]].AddProduct(scale, x.values[k]);
      pull[x.columns[k]].Add(rest * x.values[k]);
    }
  }
  pull[problem.feature_count()].AddProduct(scale, problem.intercept);
  pull[problem.feature_count()].Add(rest * problem.intercept);
}

/// The sums at weights + rounded_off, which may be empty.
void AddUp(const BinaryProblem& problem, std::span<const double> weights, std::span<const double> rounded_off,
           SampleBlock block, Sums& sums) {
  sums.pull.resize(problem.feature_count() + 1);
  for (std::size_t i = block.begin; i < block.end; ++i) {
    const double sign = problem.signs[i];
    DoubleDouble decision;
    AddDecision(problem, i, weights, decision);
    if (!rounded_off.empty()) AddDecision(problem, i, rounded_off, decision);
    DoubleDouble residual;
    residual.Add(1.0);
    residual.Add(-sign * decision.high());
    residual.Add(-sign * decision.low());
    const double r = residual.value();
    if (!(r > 0.0)) continue;
    ++sums.support_vectors;
    const double cost = problem.costs[i];
    DoubleDouble alpha;
    alpha.AddProduct(2.0 * cost, r);
    alpha.AddProduct(2.0 * cost, Rest(residual));
    const double a = alpha.value();
    const double rest = Rest(alpha);
    sums.alpha.Add(a);
    sums.alpha.Add(rest);
    sums.losses.AddProduct(0.5 * a, r);
    sums.losses.Add(0.5 * (a * Rest(residual) + rest * r));
    AddSample(problem, i, sign * a, sign * rest, sums.pull);
  }
}

void Append(DoubleDouble& sum, const DoubleDouble& x) {
  sum.Add(x.high());
  sum.Add(x.low());
}

Sums AddUpAll(const BinaryProblem& problem, std::span<const double> weights, std::span<const double> rounded_off,
              ThreadTeam& team) {
  const SampleBlocks blocks(problem.features);
  std::vector<Sums> parts(blocks.count());
  blocks.ForEach(team,
                 [&](std::size_t b, SampleBlock block) { AddUp(problem, weights, rounded_off, block, parts[b]); });
  Sums total = std::move(parts.front());
  for (std::size_t b = 1; b < parts.size(); ++b) {
    Append(total.losses, parts[b].losses);
    Append(total.alpha, parts[b].alpha);
    for (std::size_t k = 0; k < total.pull.size(); ++k) Append(total.pull[k], parts[b].pull[k]);
    total.support_vectors += parts[b].support_vectors;
  }
  return total;
}

/// The factor that makes θα feasible, and D(θα) = θ Σα − θ² Σα²/4C as large as that allows.
double Factor(const Sums& sums) {
  double largest = 0.0;
  for (const DoubleDouble& component : sums.pull) largest = std::max(largest, std::abs(component.value()));
  double factor = 1.0;
  // The next double below 1 / largest: the product must not end up above 1 by the rounding of the quotient.
  if (largest > 1.0) factor = std::nextafter(1.0 / largest, 0.0);
  const double best = sums.alpha.value() / (2.0 * sums.losses.value());  // NaN without losses
  return best < factor ? best : factor;
}

}  // namespace

Certificate CertifyL1(const BinaryProblem& problem, const BinarySolution& solution, ThreadTeam& team) {
  const Sums at_weights = AddUpAll(problem, solution.weights, {}, team);
  const Sums finer =
      solution.rounded_off.empty() ? at_weights : AddUpAll(problem, solution.weights, solution.rounded_off, team);

  DoubleDouble primal = at_weights.losses;
  double violation = 0.0;
  for (std::size_t k = 0; k < solution.weights.size(); ++k) {
    const double weight = solution.weights[k];
    primal.Add(std::abs(weight));
    const double pull = finer.pull[k].value();
    const double missed =
        weight != 0.0 ? std::abs(pull - std::copysign(1.0, weight)) : std::max(0.0, std::abs(pull) - 1.0);
    violation = std::max(violation, missed);
  }
  const double factor = Factor(finer);
  DoubleDouble scaled_losses;
  scaled_losses.AddProduct(factor, finer.losses);
  DoubleDouble dual;
  dual.AddProduct(factor, finer.alpha);
  dual.AddProduct(-factor, scaled_losses);
  DoubleDouble gap = primal;
  gap.Add(-dual.high());
  gap.Add(-dual.low());
  return {.objective = primal.value(),
          .dual_objective = dual.value(),
          .duality_gap = gap.value(),
          .violation = violation,
          .support_vectors = finer.support_vectors,
          .steps = solution.steps};
}

}  // namespace iris
