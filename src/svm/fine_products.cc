// SPDX-License-Identifier: Apache-2.0

#include "src/svm/fine_products.h"

#include <cstddef>
#include <variant>

#include "src/dataset/matrix.h"

namespace iris {
namespace {

/// A compensated sum of doubles and of products. Source: T. Ogita, S. M. Rump, S. Oishi, "Accurate sum and dot
/// product", SIAM J. Sci. Comput. 26 (2005), algorithms 3.1 to 3.3 and 5.3.
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
    constexpr double kSplit = 134217729.0;  // 2^27 + 1
    const double a_high = kSplit * a - (kSplit * a - a);
    const double b_high = kSplit * b - (kSplit * b - b);
    const double product = a * b;
    const double a_low = a - a_high;
    const double b_low = b - b_high;
    low += a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low);
    Add(product);
  }
  void Add(const Sum& other) {
    low += other.low;
    Add(other.high);
  }
  double value() const { return high + low; }
};

/// Calls visit(column, value) for each value of a row that is stored.
template <typename Visit>
void ForEachValue(std::span<const double> x, Visit&& visit) {
  const double* const values = x.data();
  for (std::size_t k = 0; k < x.size(); ++k) visit(k, values[k]);
}

template <typename Visit>
void ForEachValue(const SparseRow& x, Visit&& visit) {
  const double* const values = x.values.data();
  const std::uint32_t* const columns = x.columns.data();
  for (std::size_t j = 0; j < x.values.size(); ++j) visit(std::size_t{columns[j]}, values[j]);
}

}  // namespace

void FineWeights::AddMultiple(double factor, std::span<const double> step) {
  for (std::size_t k = 0; k < high.size(); ++k) {
    Sum weight{high[k], low[k]};
    weight.AddProduct(factor, step[k]);
    high[k] = weight.value();
    low[k] = (weight.high - high[k]) + weight.low;
  }
}

double FineResiduals(const BinaryProblem& problem, const FineWeights& weights, const SampleBlocks& blocks,
                     ThreadTeam& team, std::span<double> residuals) {
  const double* const high = weights.high.data();
  const double* const low = weights.low.data();
  const std::size_t last = weights.high.size() - 1;
  Sum constant;
  constant.AddProduct(high[last], problem.intercept);
  constant.low += low[last] * problem.intercept;
  double losses = 0.0;
  std::vector<double> partials;
  std::visit(
      [&](const auto& features) {
        blocks.Sum(team, 1, &losses, partials, [&](SampleBlock block, double* loss) {
          for (std::size_t i = block.begin; i < block.end; ++i) {
            Sum decision = constant;
            ForEachValue(features.row(i), [&](std::size_t k, double x) {
              decision.AddProduct(high[k], x);
              decision.low += low[k] * x;
            });
            Sum residual{1.0, 0.0};
            residual.Add(-problem.signs[i] * decision.high);
            residual.low -= problem.signs[i] * decision.low;
            const double r = residual.value();
            residuals[i] = r;
            if (r > 0.0) *loss += problem.costs[i] * r * r;
          }
        });
      },
      problem.features);
  return losses;
}

void FineGradient(const BinaryProblem& problem, const FineWeights& weights, std::span<const double> residuals,
                  const SampleBlocks& blocks, ThreadTeam& team, std::span<double> gradient) {
  const std::size_t order = gradient.size();
  std::vector<Sum> partials(blocks.count() * order);
  std::visit(
      [&](const auto& features) {
        blocks.ForEach(team, [&](std::size_t b, SampleBlock block) {
          Sum* const sums = partials.data() + b * order;
          for (std::size_t i = block.begin; i < block.end; ++i) {
            if (!(residuals[i] > 0.0)) continue;
            const double pull = -2.0 * problem.costs[i] * problem.signs[i] * residuals[i];
            ForEachValue(features.row(i), [&](std::size_t k, double x) { sums[k].AddProduct(pull, x); });
            sums[order - 1].AddProduct(pull, problem.intercept);
          }
        });
      },
      problem.features);
  for (std::size_t k = 0; k < order; ++k) {
    Sum component{weights.high[k], weights.low[k]};
    for (std::size_t b = 0; b < blocks.count(); ++b) component.Add(partials[b * order + k]);
    gradient[k] = component.value();
  }
}

}  // namespace iris
