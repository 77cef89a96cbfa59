// SPDX-License-Identifier: Apache-2.0
//
// Symmetric positive definite matrices, factored as Rᵀ R. Only the upper triangle is read or written: element (a, b),
// a ≤ b, is upper[a · stride + b]; a stride of 0 stands for the order. The other triangle may hold something else.

#pragma once

#include <cstddef>
#include <span>

#include "src/svm/thread_team.h"

namespace iris {

/// Four vectors z and a factor for each. Shape of each z: columns.
struct FourVectors {
  const double* z[4];
  double factors[4];
};

/// upper_ab += Σ_j factors_j z_j[a] z_j[b] for the rows first ≤ a < end and the columns a ≤ b < columns of a triangle
/// whose rows are `order` ≥ columns long. Requires: end ≤ columns.
void AddOuterProducts(const FourVectors& vectors, std::size_t columns, std::size_t order, std::size_t first,
                      std::size_t end, double* upper);

/// Replaces the triangle by R. Deterministic, whatever the team. Time: order³ / 6 multiplications.
/// Result: false, with the triangle spoilt, when a pivot has lost all but the last digits of its diagonal element.
bool FactorCholesky(std::size_t order, std::span<double> upper, ThreadTeam& team, std::size_t stride = 0);

/// Replaces the vector by (Rᵀ R)⁻¹ times it.
void SolveCholesky(std::size_t order, std::span<const double> upper, std::span<double> vector, std::size_t stride = 0);

}  // namespace iris
