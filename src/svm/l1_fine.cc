// SPDX-License-Identifier: Apache-2.0

#include "src/svm/l1_fine.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>

#include "src/svm/sample_blocks.h"

namespace iris {
namespace {

/// Calls body(column, value) for what a sample's row stores.
template <typename Body>
void ForEachStored(const DenseMatrix& matrix, std::size_t i, Body&& body) {
  const double* const x = matrix.values.data() + i * matrix.columns;
  for (std::size_t k = 0; k < matrix.columns; ++k) body(k, x[k]);
}

template <typename Body>
void ForEachStored(const SparseMatrix& matrix, std::size_t i, Body&& body) {
  const std::uint32_t* const columns = matrix.indices.data();
  const double* const values = matrix.values.data();
  for (std::size_t k = matrix.starts[i]; k < matrix.starts[i + 1]; ++k) body(columns[k], values[k]);
}

template <typename AnyMatrix>
void Look(const AnyMatrix& matrix, const BinaryProblem& problem, const double* high, const double* low,
          SampleBlock block, FinePoint& point) {
  const std::size_t last = matrix.columns;
  point.pull.resize(last + 1);
  FineNumber* const pull = point.pull.data();
  for (std::size_t i = block.begin; i < block.end; ++i) {
    const double sign = problem.signs[i];
    FineNumber r{1.0, 0.0};
    const auto subtract = [&](std::size_t k, double x) {
      r.AddProduct(-sign * high[k], x);
      r.low -= sign * low[k] * x;
    };
    ForEachStored(matrix, i, subtract);
    subtract(last, problem.intercept);
    const double rounded = r.value();
    if (!(rounded > 0.0)) continue;
    const double rest = (r.high - rounded) + r.low;
    FineNumber alpha;  // 2 C r
    alpha.AddProduct(2.0 * problem.costs[i], rounded);
    alpha.low += 2.0 * problem.costs[i] * rest;
    point.alpha.Add(alpha);
    point.losses.AddProduct(0.5 * alpha.high, rounded);
    point.losses.low += 0.5 * (alpha.high * rest + alpha.low * rounded);
    const auto add = [&](std::size_t k, double x) {
      pull[k].AddProduct(sign * alpha.high, x);
      pull[k].low += sign * alpha.low * x;
    };
    ForEachStored(matrix, i, add);
    add(last, problem.intercept);
  }
}

}  // namespace

FinePoint LookFinely(const BinaryProblem& problem, std::span<const double> high, std::span<const double> low,
                     ThreadTeam& team) {
  const SampleBlocks blocks(problem.features);
  std::vector<FinePoint> parts(blocks.count());
  blocks.ForEach(team, [&](std::size_t b, SampleBlock block) {
    std::visit([&](const auto& matrix) { Look(matrix, problem, high.data(), low.data(), block, parts[b]); },
               problem.features);
  });
  FinePoint total = std::move(parts.front());
  for (std::size_t b = 1; b < parts.size(); ++b) {
    for (std::size_t k = 0; k < total.pull.size(); ++k) total.pull[k].Add(parts[b].pull[k]);
    total.alpha.Add(parts[b].alpha);
    total.losses.Add(parts[b].losses);
  }
  return total;
}

}  // namespace iris
