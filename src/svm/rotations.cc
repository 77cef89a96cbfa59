// SPDX-License-Identifier: Apache-2.0

#include "src/svm/rotations.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <variant>

#include "src/svm/row_products.h"

namespace iris {
namespace {

constexpr std::size_t kMostForTriangles = 256;  // order up to which each block of samples gets a triangle of its own

/// Rotates the row `z` into the triangle, from column `first` on; spoils z. A diagonal element never shrinks.
void RotateIn(std::size_t order, std::size_t first, double* z, double* upper) {
  for (std::size_t j = first; j < order; ++j) {
    if (z[j] == 0.0) continue;
    double* const row = upper + j * order;
    const double length = std::sqrt(row[j] * row[j] + z[j] * z[j]);
    const double cosine = row[j] / length;
    const double sine = z[j] / length;
    row[j] = length;
    for (std::size_t k = j + 1; k < order; ++k) {
      const double above = row[k];
      row[k] = cosine * above + sine * z[k];
      z[k] = cosine * z[k] - sine * above;
    }
  }
}

void RotateSamplesIn(const BinaryProblem& problem, const double* residuals, SampleBlock samples, std::size_t order,
                     double* upper) {
  std::vector<double> z(order);
  std::visit(
      [&](const auto& features) {
        for (std::size_t i = samples.begin; i < samples.end; ++i) {
          if (!(residuals[i] > 0.0)) continue;
          const double scale = std::sqrt(2.0 * problem.costs[i]);
          std::ranges::fill(z, 0.0);
          AddMultiple(scale, features.row(i), z.data());
          z[order - 1] = scale * problem.intercept;
          RotateIn(order, 0, z.data(), upper);
        }
      },
      problem.features);
}

}  // namespace

// With few features each block of samples makes a triangle of its own, from zeros, and the rows of these triangles are
// then rotated into the identity as the samples would have been, in the order of the blocks.
void FactorByRotations(const BinaryProblem& problem, std::span<const double> residuals, const SampleBlocks& blocks,
                       ThreadTeam& team, std::span<double> upper) {
  const std::size_t order = problem.feature_count() + 1;
  std::ranges::fill(upper, 0.0);
  for (std::size_t j = 0; j < order; ++j) upper[j * order + j] = 1.0;
  if (blocks.count() == 1 || order > kMostForTriangles) {
    RotateSamplesIn(problem, residuals.data(), {0, problem.samples()}, order, upper.data());
    return;
  }
  std::vector<double> triangles(blocks.count() * order * order, 0.0);
  blocks.ForEach(team, [&](std::size_t b, SampleBlock samples) {
    RotateSamplesIn(problem, residuals.data(), samples, order, triangles.data() + b * order * order);
  });
  for (std::size_t b = 0; b < blocks.count(); ++b) {
    double* const triangle = triangles.data() + b * order * order;
    for (std::size_t j = 0; j < order; ++j) RotateIn(order, j, triangle + j * order, upper.data());
  }
}

}  // namespace iris
