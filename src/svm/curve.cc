// SPDX-License-Identifier: Apache-2.0
//
// The products of H = 1 + Σ 2 C_i x̃_i x̃_iᵀ over the active samples, which is never formed: what conjugate gradients
// live on.

#include <algorithm>
#include <cstddef>
#include <span>
#include <variant>

#include "src/svm/row_products.h"
#include "src/svm/sample_products.h"

namespace iris {
namespace {

void AddSquares(double factor, std::span<const double> x, double* sum) {
  const double* const values = x.data();
  for (std::size_t k = 0; k < x.size(); ++k) sum[k] += factor * values[k] * values[k];
}

void AddSquares(double factor, const SparseRow& x, double* sum) {
  const double* const values = x.values.data();
  const std::uint32_t* const columns = x.columns.data();
  for (std::size_t j = 0; j < x.values.size(); ++j) sum[columns[j]] += factor * values[j] * values[j];
}

}  // namespace

void SampleProducts::Curve(std::span<const double> residuals, std::span<const double> v, std::span<double> product) {
  if (const auto* const sparse = std::get_if<SparseMatrix>(&problem_.features)) {
    CurveSparse(*sparse, residuals, v, product);
    return;
  }
  const auto& features = std::get<DenseMatrix>(problem_.features);
  const double* const r = residuals.data();
  const double* const costs = problem_.costs.data();
  const std::size_t last = product.size() - 1;
  const double constant = problem_.intercept * v[last];
  std::ranges::copy(v, product.begin());
  blocks_.Sum(team_, product.size(), product.data(), partials_, [&](SampleBlock block, double* sum) {
    RowSum rows(sum);
    double factors = 0.0;
    for (std::size_t i = block.begin; i < block.end; ++i) {
      if (!(r[i] > 0.0)) continue;
      const std::span<const double> x = features.row(i);
      const double factor = 2.0 * costs[i] * (Dot(x, v.data()) + constant);
      rows.Add(factor, x);
      factors += factor;
    }
    rows.Flush();
    sum[last] = problem_.intercept * factors;
  });
}

// A sparse row touches v and the sum in the same scattered places. Each block has both side by side, so that what the
// one brought into the cache serves the other: half the misses, which is what this costs.
void SampleProducts::CurveSparse(const SparseMatrix& features, std::span<const double> residuals,
                                 std::span<const double> v, std::span<double> product) {
  const double* const r = residuals.data();
  const double* const costs = problem_.costs.data();
  const std::size_t order = product.size();
  const double constant = problem_.intercept * v[order - 1];
  partials_.resize(blocks_.count() * 2 * order);
  double* const all = partials_.data();
  blocks_.ForEach(team_, [&](std::size_t b, SampleBlock block) {
    double* const pairs = all + b * 2 * order;  // v_k, Σ_k
    for (std::size_t k = 0; k < order; ++k) {
      pairs[2 * k] = v.data()[k];
      pairs[2 * k + 1] = 0.0;
    }
    double factors = 0.0;
    const auto next_active = [&](std::size_t i) {
      while (i < block.end && !(r[i] > 0.0)) ++i;
      return i;
    };
    std::size_t ahead = block.begin;  // rows are fetched while earlier ones are worked on
    for (int fetched = 0; fetched < 4; ++fetched) ahead = next_active(ahead + (fetched > 0 ? 1 : 0));
    for (std::size_t i = next_active(block.begin); i < block.end; i = next_active(i + 1)) {
      if (ahead < block.end) {
        Prefetch(features.row(ahead));
        ahead = next_active(ahead + 1);
      }
      const SparseRow x = features.row(i);
      const std::uint32_t* const columns = x.columns.data();
      const double* const values = x.values.data();
      const std::size_t size = x.values.size();
      double even = 0.0;
      double odd = 0.0;
      std::size_t j = 0;
      for (; j + 2 <= size; j += 2) {
        even += values[j] * pairs[2 * std::size_t{columns[j]}];
        odd += values[j + 1] * pairs[2 * std::size_t{columns[j + 1]}];
      }
      if (j < size) even += values[j] * pairs[2 * std::size_t{columns[j]}];
      const double factor = 2.0 * costs[i] * ((even + odd) + constant);
      for (j = 0; j < size; ++j) pairs[2 * std::size_t{columns[j]} + 1] += factor * values[j];
      factors += factor;
    }
    pairs[2 * order - 1] = problem_.intercept * factors;
  });
  constexpr std::size_t kSlice = 8192;
  team_.ForEach((order + kSlice - 1) / kSlice, [&](std::size_t slice) {
    const std::size_t end = std::min(order, (slice + 1) * kSlice);
    for (std::size_t k = slice * kSlice; k < end; ++k) {
      double sum = v.data()[k];
      for (std::size_t b = 0; b < blocks_.count(); ++b) sum += all[b * 2 * order + 2 * k + 1];
      product.data()[k] = sum;
    }
  });
}

void SampleProducts::CurveDiagonal(std::span<const double> residuals, std::span<double> diagonal) {
  const double* const r = residuals.data();
  const std::size_t last = diagonal.size() - 1;
  std::ranges::fill(diagonal, 1.0);
  std::visit(
      [&](const auto& features) {
        blocks_.Sum(team_, diagonal.size(), diagonal.data(), partials_, [&](SampleBlock block, double* sum) {
          for (std::size_t i = block.begin; i < block.end; ++i) {
            if (!(r[i] > 0.0)) continue;
            const double factor = 2.0 * problem_.costs.data()[i];
            AddSquares(factor, features.row(i), sum);
            sum[last] += factor * problem_.intercept * problem_.intercept;
          }
        });
      },
      problem_.features);
}

}  // namespace iris
