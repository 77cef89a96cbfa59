// SPDX-License-Identifier: Apache-2.0

#include "src/svm/kernel.h"

#include <cstddef>
#include <variant>

#include "src/svm/pair.h"
#include "src/svm/row_products.h"

namespace iris {
namespace {

/// products_j = x_j·v for the rows from 0 to end: four dense rows at a time, which share what is loaded of v.
void MultiplyRows(const DenseMatrix& features, std::size_t end, const double* v, double* products) {
  const std::size_t columns = features.columns;
  std::size_t j = 0;
  for (; j + 4 <= end; j += 4) {
    const double* const x = features.values.data() + j * columns;
    Pair sums[4] = {};
    std::size_t k = 0;
    for (; k + 2 <= columns; k += 2) {
      const Pair factor = LoadPair(v + k);
      for (std::size_t l = 0; l < 4; ++l) sums[l] += factor * LoadPair(x + l * columns + k);
    }
    for (std::size_t l = 0; l < 4; ++l) {
      products[j + l] = sums[l][0] + sums[l][1];
      if (k < columns) products[j + l] += v[k] * x[l * columns + k];
    }
  }
  for (; j < end; ++j) products[j] = Dot(features.row(j), v);
}

void MultiplyRows(const SparseMatrix& features, std::size_t end, const double* v, double* products) {
  for (std::size_t j = 0; j < end; ++j) products[j] = Dot(features.row(j), v);
}

}  // namespace

std::vector<double> KernelOf(const BinaryProblem& problem, ThreadTeam& team) {
  const std::size_t samples = problem.samples();
  const double constant = problem.intercept * problem.intercept;
  std::vector<double> products(samples * samples);
  double* const all = products.data();
  std::visit(
      [&](const auto& features) {
        team.ForEach(samples, [&](std::size_t i) {
          std::vector<double> spread(features.columns, 0.0);
          AddMultiple(1.0, features.row(i), spread.data());
          MultiplyRows(features, i + 1, spread.data(), all + i * samples);
        });
      },
      problem.features);
  for (std::size_t i = 0; i < samples; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      all[i * samples + j] += constant;
      all[j * samples + i] = all[i * samples + j];
    }
  }
  return products;
}

}  // namespace iris
