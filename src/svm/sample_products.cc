// SPDX-License-Identifier: Apache-2.0

#include "src/svm/sample_products.h"

#include <algorithm>
#include <cstddef>
#include <variant>

#include "src/svm/row_products.h"

namespace iris {

SampleProducts::SampleProducts(const BinaryProblem& problem, ThreadTeam& team)
    : problem_(problem), team_(team), blocks_(problem.features) {}

double SampleProducts::Residuals(std::span<const double> weights, std::span<double> residuals) {
  const double* const w = weights.data();
  const double* const signs = problem_.signs.data();
  const double* const costs = problem_.costs.data();
  const double constant = problem_.intercept * weights.back();
  double* const r = residuals.data();
  double losses = 0.0;
  std::visit(
      [&](const auto& features) {
        blocks_.Sum(team_, 1, &losses, partials_, [&](SampleBlock block, double* loss) {
          double sum = 0.0;
          for (std::size_t i = block.begin; i < block.end; ++i) {
            const double residual = 1.0 - signs[i] * (Dot(features.row(i), w) + constant);
            r[i] = residual;
            const double positive = residual > 0.0 ? residual : 0.0;
            sum += costs[i] * positive * positive;
          }
          *loss = sum;
        });
      },
      problem_.features);
  return losses;
}

double SampleProducts::Interpolate(double t, std::span<const double> others, std::span<double> residuals) {
  const double* const other = others.data();
  const double* const costs = problem_.costs.data();
  double* const r = residuals.data();
  double losses = 0.0;
  blocks_.Sum(team_, 1, &losses, partials_, [&](SampleBlock block, double* loss) {
    double sum = 0.0;
    for (std::size_t i = block.begin; i < block.end; ++i) {
      const double residual = r[i] + t * (other[i] - r[i]);
      r[i] = residual;
      const double positive = residual > 0.0 ? residual : 0.0;
      sum += costs[i] * positive * positive;
    }
    *loss = sum;
  });
  return losses;
}

void SampleProducts::Gradient(std::span<const double> weights, std::span<const double> residuals,
                              std::span<double> gradient) {
  const double* const r = residuals.data();
  const double* const signs = problem_.signs.data();
  const double* const costs = problem_.costs.data();
  const std::size_t last = gradient.size() - 1;
  const bool in_cache = blocks_.count() == 1;  // a table of one block is small, and gaps cost nothing
  std::ranges::copy(weights, gradient.begin());
  std::visit(
      [&](const auto& features) {
        blocks_.Sum(team_, gradient.size(), gradient.data(), partials_, [&](SampleBlock block, double* sum) {
          RowSum rows(sum);
          double pulls = 0.0;
          for (std::size_t i = block.begin; i < block.end; ++i) {
            if (in_cache && !(r[i] > 0.0)) continue;
            const double pull = r[i] > 0.0 ? -2.0 * costs[i] * signs[i] * r[i] : 0.0;
            rows.Add(pull, features.row(i));
            pulls += pull;
          }
          rows.Flush();
          sum[last] = problem_.intercept * pulls;
        });
      },
      problem_.features);
}

void SampleProducts::Combine(std::span<const double> factors, std::span<double> combination) {
  const double* const f = factors.data();
  const std::size_t last = combination.size() - 1;
  std::ranges::fill(combination, 0.0);
  std::visit(
      [&](const auto& features) {
        blocks_.Sum(team_, combination.size(), combination.data(), partials_, [&](SampleBlock block, double* sum) {
          RowSum rows(sum);
          double factor_sum = 0.0;
          for (std::size_t i = block.begin; i < block.end; ++i) {
            rows.Add(f[i], features.row(i));
            factor_sum += f[i];
          }
          rows.Flush();
          sum[last] = problem_.intercept * factor_sum;
        });
      },
      problem_.features);
}

bool SameActiveSet(std::span<const double> residuals, std::span<const double> others) {
  const double* const a = residuals.data();
  const double* const b = others.data();
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    if ((a[i] > 0.0) != (b[i] > 0.0)) return false;
  }
  return true;
}

double DotProduct(std::span<const double> a, std::span<const double> b) { return Dot(a, b.data()); }

}  // namespace iris
