// SPDX-License-Identifier: Apache-2.0

#include "src/svm/certificate.h"

#include <cmath>
#include <cstddef>
#include <vector>

#include "src/svm/double_double.h"

namespace iris {
namespace {

/// Sums over the samples with r > 0. The dual variables are α_i = 2C ρ_i, where ρ_i is r_i rounded to a double: still
/// feasible, and cheaper than r_i itself, which the primal takes with all its digits.
struct Sums {
  DoubleDouble squared_residuals;  ///< Σ r².
  DoubleDouble rho;                ///< Σ ρ.
  DoubleDouble squared_rho;        ///< Σ ρ².
  std::vector<DoubleDouble> pull;  ///< Σ s ρ x̃. Shape: features + 1.
  std::int64_t support_vectors = 0;
};

Sums SumOverSamples(const BinaryProblem& problem, std::span<const double> weights, double bias,
                    std::span<const double> rounded_off) {
  const std::size_t features = problem.feature_count;
  Sums sums;
  sums.pull.resize(features + 1);
  for (std::size_t i = 0; i < problem.samples(); ++i) {
    const double* const x = problem.sample(i);
    const double sign = problem.signs[i];
    DoubleDouble decision;
    for (std::size_t k = 0; k < features; ++k) decision.AddProduct(weights[k], x[k]);
    decision.Add(bias);
    if (!rounded_off.empty()) {
      for (std::size_t k = 0; k < features; ++k) decision.AddProduct(rounded_off[k], x[k]);
      decision.Add(rounded_off[features]);
    }
    DoubleDouble residual;
    residual.Add(1.0);
    residual.Add(-sign * decision.high());
    residual.Add(-sign * decision.low());
    const double rho = residual.value();
    if (rho <= 0.0) continue;
    ++sums.support_vectors;
    const double rest = (residual.high() - rho) + residual.low();  // r = rho + rest
    sums.squared_residuals.AddProduct(rho, rho);
    sums.squared_residuals.Add(2.0 * rho * rest);
    sums.rho.Add(rho);
    sums.squared_rho.AddProduct(rho, rho);
    for (std::size_t k = 0; k < features; ++k) sums.pull[k].AddProduct(sign * rho, x[k]);
    sums.pull[features].Add(sign * rho);
  }
  return sums;
}

/// ‖v‖².
DoubleDouble SquaredNorm(std::span<const DoubleDouble> v) {
  DoubleDouble sum;
  for (const DoubleDouble& component : v) {
    const double value = component.value();
    const double rest = (component.high() - value) + component.low();
    sum.AddProduct(value, value);
    sum.Add(2.0 * value * rest);
  }
  return sum;
}

}  // namespace

Certificate Certify(const BinaryProblem& problem, std::span<const double> weights, double bias,
                    std::span<const double> rounded_off, std::int64_t steps) {
  const double cost = problem.cost;
  const Sums sums = SumOverSamples(problem, weights, bias, {});
  const Sums dual_sums = rounded_off.empty() ? sums : SumOverSamples(problem, weights, bias, rounded_off);

  DoubleDouble squared_weights;
  for (const double weight : weights) squared_weights.AddProduct(weight, weight);
  squared_weights.AddProduct(bias, bias);
  const DoubleDouble squared_pull = SquaredNorm(dual_sums.pull);

  DoubleDouble primal;
  primal.AddProduct(0.5, squared_weights);
  primal.AddProduct(cost, sums.squared_residuals);

  DoubleDouble dual;  // with α = 2C ρ: 2C Σρ − C Σρ² − 2C² ‖Σ s ρ x̃‖²
  DoubleDouble scaled_pull;
  scaled_pull.AddProduct(2.0 * cost, squared_pull);
  dual.AddProduct(2.0 * cost, dual_sums.rho);
  dual.AddProduct(-cost, dual_sums.squared_rho);
  dual.AddProduct(-cost, scaled_pull);

  DoubleDouble gap = primal;
  gap.Add(-dual.high());
  gap.Add(-dual.low());

  double squared_gradient = 0.0;
  for (std::size_t k = 0; k <= problem.feature_count; ++k) {
    DoubleDouble component;
    component.Add(k < problem.feature_count ? weights[k] : bias);
    component.AddProduct(-2.0 * cost, sums.pull[k]);
    squared_gradient += component.value() * component.value();
  }
  return {.objective = primal.value(),
          .dual_objective = dual.value(),
          .duality_gap = gap.value(),
          .gradient_norm = std::sqrt(squared_gradient),
          .support_vectors = sums.support_vectors,
          .steps = steps};
}

}  // namespace iris
