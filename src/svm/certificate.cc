// SPDX-License-Identifier: Apache-2.0

#include "src/svm/certificate.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <variant>
#include <vector>

#include "src/svm/certificate_rows.h"
#include "src/svm/double_double.h"
#include "src/svm/sample_blocks.h"

namespace iris {
namespace {

/// Sums over a block of samples.
struct Sums {
  DoubleDouble losses;     ///< Σ C max(0, r)², r at the weights as they are.
  DoubleDouble linear;     ///< Σ α.
  DoubleDouble quadratic;  ///< Σ α² / (4C).
  std::int64_t support_vectors = 0;
  Pull pull;      ///< Σ α s x̃, the constant's part as Σ α s.
  Pull at_given;  ///< Σ 2 C max(0, r) s x̃, r at the weights as they are; empty where that is `pull`.

  Sums(std::size_t features, bool same) : pull(features), at_given(same ? 0 : features) {}
};

/// 1 − s · decision.
DoubleDouble Residual(double sign, const DoubleDouble& decision) {
  DoubleDouble residual(1.0, 0.0);
  residual.Add(-sign * decision.high());
  residual.Add(-sign * decision.low());
  return residual;
}

/// What a sample with r > 0 gives to the sums, with α = 2 C r rounded to a double: exactly enough, without a division.
/// With r = ρ + rest, ρ a double, and e = 2 C ρ − α:  C r² = ½ α ρ + ½ e ρ + α rest  and  α² / (4C) = ½ α ρ − ½ e ρ,
/// both but for squares of what is small.
struct Shares {
  double alpha = 0.0;
  DoubleDouble loss;       ///< C r².
  DoubleDouble quadratic;  ///< α² / (4C).

  Shares(double cost, const DoubleDouble& residual) {
    const double rho = residual.value();
    const double rest = (residual.high() - rho) + residual.low();
    DoubleDouble exact;
    exact.AddProduct(2.0 * cost, rho);
    alpha = exact.high();
    const double half_error = 0.5 * exact.low() * rho;
    DoubleDouble half;
    half.AddProduct(0.5 * alpha, rho);
    loss = {half.high(), half.low() + (half_error + alpha * rest)};
    quadratic = {half.high(), half.low() - half_error};
  }
};

/// α² / (4C) for any α.
DoubleDouble Quadratic(double alpha, double cost) {
  const double divisor = 4.0 * cost;
  const double quotient = alpha / divisor;
  DoubleDouble remainder(alpha, 0.0);
  remainder.AddProduct(-quotient, divisor);
  DoubleDouble quadratic;
  quadratic.AddProduct(alpha, DoubleDouble(quotient, remainder.value() / divisor));
  return quadratic;
}

/// The solution as the sums need it.
struct Point {
  const BinaryProblem& problem;
  SplitWeights weights;
  SplitWeights rounded_off;  ///< Empty: nothing was.
  std::span<const double> dual;  ///< Empty: α follows from the weights.
  DoubleDouble constant;         ///< β v, which every decision value starts with.
  DoubleDouble constant_rounded_off;

  Point(const BinaryProblem& p, const BinarySolution& solution)
      : problem(p), weights(solution.weights), rounded_off(solution.rounded_off), dual(solution.dual) {
    constant.AddProduct(p.intercept, solution.weights.back());
    if (!rounded_off.whole.empty()) constant_rounded_off.AddProduct(p.intercept, solution.rounded_off.back());
  }
  bool dual_follows() const { return dual.empty() && rounded_off.whole.empty(); }
};

template <typename Row>
void AddSample(const Point& point, std::size_t i, const Row& x, Sums& sums) {
  const BinaryProblem& problem = point.problem;
  const double sign = problem.signs.data()[i];
  const double cost = problem.costs.data()[i];
  const DoubleDouble decision = Decision(x, point.weights, point.constant);
  const DoubleDouble residual = Residual(sign, decision);
  double alpha = 0.0;
  DoubleDouble quadratic;
  if (residual.value() > 0.0) {
    const Shares shares(cost, residual);
    sums.losses.Add(shares.loss.high());
    sums.losses.AddLow(shares.loss.low());
    alpha = shares.alpha;
    quadratic = shares.quadratic;
    if (!point.dual_follows()) sums.at_given.Add(sign * alpha, x);
  }
  if (!point.dual.empty()) {
    alpha = std::max(0.0, point.dual.data()[i]);
    quadratic = Quadratic(alpha, cost);
  } else if (!point.dual_follows()) {
    DoubleDouble finer = Decision(x, point.rounded_off, decision);
    finer.Add(point.constant_rounded_off);
    const DoubleDouble finer_residual = Residual(sign, finer);
    const Shares shares(cost, finer_residual.value() > 0.0 ? finer_residual : DoubleDouble());
    alpha = shares.alpha;
    quadratic = shares.quadratic;
  }
  if (alpha > 0.0) {
    ++sums.support_vectors;
    sums.linear.Add(alpha);
    sums.quadratic.Add(quadratic.high());
    sums.quadratic.AddLow(quadratic.low());
    sums.pull.Add(sign * alpha, x);
  }
}

/// All blocks' sums, added up in their order in the first.
Sums SumOverSamples(const Point& point, ThreadTeam& team) {
  const SampleBlocks blocks(point.problem.features);
  std::vector<Sums> all(blocks.count(), Sums(point.problem.feature_count(), point.dual_follows()));
  std::visit(
      [&](const auto& features) {
        blocks.ForEach(team, [&](std::size_t b, SampleBlock block) {
          for (std::size_t i = block.begin; i < block.end; ++i) AddSample(point, i, features.row(i), all[b]);
        });
      },
      point.problem.features);
  for (std::size_t b = 1; b < all.size(); ++b) {
    all[0].losses.Add(all[b].losses);
    all[0].linear.Add(all[b].linear);
    all[0].quadratic.Add(all[b].quadratic);
    all[0].support_vectors += all[b].support_vectors;
    all[0].pull.Add(all[b].pull);
    all[0].at_given.Add(all[b].at_given);
  }
  return std::move(all[0]);
}

/// The constant's component of a pull: β Σ factor.
DoubleDouble LastComponent(const Pull& pull, double intercept) {
  DoubleDouble component;
  component.AddProduct(intercept, pull.factors);
  return component;
}

/// sum += x².
void AddSquare(const DoubleDouble& x, DoubleDouble& sum) {
  const double value = x.value();
  const double rest = (x.high() - value) + x.low();
  sum.AddProduct(value, value);
  sum.Add(2.0 * value * rest);
}

/// ‖v‖².
DoubleDouble SquaredNorm(const Pull& v, double intercept) {
  DoubleDouble sum;
  for (std::size_t k = 0; k < v.high.size(); ++k) AddSquare(v.at(k), sum);
  AddSquare(LastComponent(v, intercept), sum);
  return sum;
}

}  // namespace

Certificate CertifySquaredHinge(const BinaryProblem& problem, const BinarySolution& solution, ThreadTeam& team) {
  const Point point(problem, solution);
  const Sums sums = SumOverSamples(point, team);

  DoubleDouble squared_weights;
  for (const double weight : solution.weights) squared_weights.AddProduct(weight, weight);
  DoubleDouble primal = sums.losses;
  primal.AddProduct(0.5, squared_weights);

  DoubleDouble dual = sums.linear;
  dual.AddProduct(-1.0, sums.quadratic);
  dual.AddProduct(-0.5, SquaredNorm(sums.pull, problem.intercept));

  DoubleDouble gap = primal;
  gap.Add(-dual.high());
  gap.Add(-dual.low());

  const Pull& pull = point.dual_follows() ? sums.pull : sums.at_given;
  double squared_gradient = 0.0;
  for (std::size_t k = 0; k < solution.weights.size(); ++k) {
    DoubleDouble component(solution.weights[k], 0.0);
    component.AddProduct(-1.0, k < problem.feature_count() ? pull.at(k) : LastComponent(pull, problem.intercept));
    squared_gradient += component.value() * component.value();
  }
  return {.objective = primal.value(),
          .dual_objective = dual.value(),
          .duality_gap = gap.value(),
          .violation = std::sqrt(squared_gradient),
          .support_vectors = sums.support_vectors,
          .steps = solution.steps};
}

}  // namespace iris
