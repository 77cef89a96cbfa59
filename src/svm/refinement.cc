// SPDX-License-Identifier: Apache-2.0

#include "src/svm/refinement.h"

#include <cmath>
#include <cstddef>

namespace iris {
namespace {

constexpr int kMaxSteps = 20;

/// A compensated sum. By std::fma, which is exact on every machine, in hardware or not; the certificate, which checks
/// what is computed here, has arithmetic of its own.
struct Sum {
  double high = 0.0;
  double low = 0.0;

  void Add(double x) {
    const double sum = high + x;
    const double from_x = sum - high;
    low += (high - (sum - from_x)) + (x - from_x);
    high = sum;
  }
  void AddProduct(double a, double b) {
    const double product = a * b;
    low += std::fma(a, b, -product);
    Add(product);
  }
  double value() const { return high + low; }
};

/// ∇P at `at`. Shape: features + 1.
std::vector<double> FineGradient(const BinaryProblem& problem, const FineWeights& at) {
  const std::size_t features = problem.feature_count;
  std::vector<Sum> pull(features + 1);
  for (std::size_t i = 0; i < problem.samples(); ++i) {
    const double* const x = problem.sample(i);
    Sum decision{at.high[features], at.low[features]};
    for (std::size_t k = 0; k < features; ++k) {
      decision.AddProduct(at.high[k], x[k]);
      decision.low += at.low[k] * x[k];
    }
    Sum residual{1.0, 0.0};
    residual.Add(-problem.signs[i] * decision.high);
    residual.low -= problem.signs[i] * decision.low;
    const double r = residual.value();
    if (!(r > 0.0)) continue;
    for (std::size_t k = 0; k < features; ++k) pull[k].AddProduct(problem.signs[i] * r, x[k]);
    pull[features].Add(problem.signs[i] * r);
  }
  std::vector<double> gradient(features + 1);
  const double scale = -2.0 * problem.cost;
  for (std::size_t k = 0; k <= features; ++k) {
    Sum component{at.high[k], at.low[k]};
    component.AddProduct(scale, pull[k].high);
    component.low += scale * pull[k].low;
    gradient[k] = component.value();
  }
  return gradient;
}

double SquaredNorm(const std::vector<double>& v) {
  double sum = 0.0;
  for (const double component : v) sum += component * component;
  return sum;
}

}  // namespace

void Refine(const BinaryProblem& problem, const Hessian& hessian, FineWeights& weights) {
  std::vector<double> gradient = FineGradient(problem, weights);
  double squared_norm = SquaredNorm(gradient);
  for (int i = 0; i < kMaxSteps; ++i) {
    hessian.Solve(gradient);
    FineWeights next = weights;
    for (std::size_t k = 0; k < gradient.size(); ++k) {
      Sum component{weights.high[k], weights.low[k]};
      component.Add(-gradient[k]);
      next.high[k] = component.value();
      next.low[k] = (component.high - next.high[k]) + component.low;
    }
    gradient = FineGradient(problem, next);
    const double next_squared_norm = SquaredNorm(gradient);
    if (!(next_squared_norm < squared_norm)) return;
    weights = next;
    if (next_squared_norm > 0.25 * squared_norm) return;
    squared_norm = next_squared_norm;
  }
}

}  // namespace iris
