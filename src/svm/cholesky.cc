// SPDX-License-Identifier: Apache-2.0

#include "src/svm/cholesky.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "src/svm/pair.h"
#include "src/svm/row_products.h"

namespace iris {
namespace {

constexpr std::size_t kPanel = 32;    // rows that are brought up to date together, while they stay in the cache
constexpr std::size_t kColumns = 256;  // of a panel, for one thread

/// row_b += Σ_j factors_j z_j[b] from b = first to end.
void AddRow(const std::array<double, 4>& factors, const double* const (&z)[4], std::size_t first, std::size_t end,
            double* row) {
  const auto [f0, f1, f2, f3] = factors;
  const double* const z0 = z[0];
  const double* const z1 = z[1];
  const double* const z2 = z[2];
  const double* const z3 = z[3];
  std::size_t b = first;
  for (; b + 2 <= end; b += 2) {
    const Pair sum = (f0 * LoadPair(z0 + b) + f1 * LoadPair(z1 + b)) + (f2 * LoadPair(z2 + b) + f3 * LoadPair(z3 + b));
    StorePair(row + b, LoadPair(row + b) + sum);
  }
  if (b < end) row[b] += (f0 * z0[b] + f1 * z1[b]) + (f2 * z2[b] + f3 * z3[b]);
}

/// upper_ab −= Σ_k R_ka R_kb over the rows k < first, for the panel's rows and the columns column ≤ b < column_end.
void SubtractRowsAbove(std::size_t stride, std::size_t first, std::size_t end, std::size_t column,
                       std::size_t column_end, double* upper) {
  for (std::size_t k = 0; k + 4 <= first; k += 4) {  // `first` is a multiple of the panel's rows
    const double* const r0 = upper + k * stride;
    const double* const r1 = r0 + stride;
    const double* const r2 = r1 + stride;
    const double* const r3 = r2 + stride;
    const double* const rows[4] = {r0, r1, r2, r3};
    for (std::size_t a = first; a < end; ++a) {
      double* const row = upper + a * stride;
      AddRow({-r0[a], -r1[a], -r2[a], -r3[a]}, rows, std::max(a, column), column_end, row);
    }
  }
}

}  // namespace

// Two rows at a time, which share what is loaded of the vectors.
void AddOuterProducts(const FourVectors& vectors, std::size_t columns, std::size_t order, std::size_t first,
                      std::size_t end, double* upper) {
  const double* const z0 = vectors.z[0];
  const double* const z1 = vectors.z[1];
  const double* const z2 = vectors.z[2];
  const double* const z3 = vectors.z[3];
  for (std::size_t a = first; a < end; a += 2) {
    double* const row = upper + a * order;
    const double f0 = vectors.factors[0] * z0[a];
    const double f1 = vectors.factors[1] * z1[a];
    const double f2 = vectors.factors[2] * z2[a];
    const double f3 = vectors.factors[3] * z3[a];
    row[a] += (f0 * z0[a] + f1 * z1[a]) + (f2 * z2[a] + f3 * z3[a]);
    if (a + 1 == end) {
      AddRow({f0, f1, f2, f3}, vectors.z, a + 1, columns, row);
      return;
    }
    double* const next = row + order;
    const double g0 = vectors.factors[0] * z0[a + 1];
    const double g1 = vectors.factors[1] * z1[a + 1];
    const double g2 = vectors.factors[2] * z2[a + 1];
    const double g3 = vectors.factors[3] * z3[a + 1];
    std::size_t b = a + 1;
    for (; b + 2 <= columns; b += 2) {
      const Pair x0 = LoadPair(z0 + b);
      const Pair x1 = LoadPair(z1 + b);
      const Pair x2 = LoadPair(z2 + b);
      const Pair x3 = LoadPair(z3 + b);
      StorePair(row + b, LoadPair(row + b) + ((f0 * x0 + f1 * x1) + (f2 * x2 + f3 * x3)));
      StorePair(next + b, LoadPair(next + b) + ((g0 * x0 + g1 * x1) + (g2 * x2 + g3 * x3)));
    }
    if (b < columns) {
      row[b] += (f0 * z0[b] + f1 * z1[b]) + (f2 * z2[b] + f3 * z3[b]);
      next[b] += (g0 * z0[b] + g1 * z1[b]) + (g2 * z2[b] + g3 * z3[b]);
    }
  }
}

// The rows are taken in panels; all earlier rows of R are subtracted from a panel at once, by columns on several
// threads, and then the panel's own rows from each other. Scaling a row and column of the matrix scales both sides of
// the comparison of pivots, so badly scaled features alone do not trip it.
bool FactorCholesky(std::size_t order, std::span<double> triangle, ThreadTeam& team, std::size_t stride) {
  if (stride == 0) stride = order;
  double* const upper = triangle.data();
  const double smallest = 16.0 * static_cast<double>(order) * std::numeric_limits<double>::epsilon();
  for (std::size_t first = 0; first < order; first += kPanel) {
    const std::size_t end = std::min(order, first + kPanel);
    double diagonal[kPanel];
    for (std::size_t a = first; a < end; ++a) diagonal[a - first] = upper[a * stride + a];
    if (first > 0) {
      team.ForEach((order - first + kColumns - 1) / kColumns, [&](std::size_t i) {
        const std::size_t column = first + i * kColumns;
        SubtractRowsAbove(stride, first, end, column, std::min(order, column + kColumns), upper);
      });
    }
    for (std::size_t a = first; a < end; ++a) {
      double* const row = upper + a * stride;
      for (std::size_t k = first; k < a; ++k) {
        const double* const above = upper + k * stride;
        const double factor = above[a];
        for (std::size_t b = a; b < order; ++b) row[b] -= factor * above[b];
      }
      if (!(row[a] > smallest * diagonal[a - first])) return false;
      row[a] = std::sqrt(row[a]);
      const double pivot = row[a];
      for (std::size_t b = a + 1; b < order; ++b) row[b] /= pivot;
    }
  }
  return true;
}

void SolveCholesky(std::size_t order, std::span<const double> triangle, std::span<double> vector,
                   std::size_t stride) {
  if (stride == 0) stride = order;
  double* const v = vector.data();
  for (std::size_t i = 0; i < order; ++i) {
    const double* const row = triangle.data() + i * stride;
    v[i] /= row[i];
    AddMultiple(-v[i], std::span<const double>(row + i + 1, order - i - 1), v + i + 1);
  }
  for (std::size_t i = order; i-- > 0;) {
    const double* const row = triangle.data() + i * stride;
    v[i] = (v[i] - Dot(std::span<const double>(row + i + 1, order - i - 1), v + i + 1)) / row[i];
  }
}

}  // namespace iris
