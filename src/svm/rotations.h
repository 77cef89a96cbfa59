// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <span>
#include <vector>

#include "src/svm/binary_problem.h"
#include "src/svm/sample_blocks.h"
#include "src/svm/thread_team.h"

namespace iris {

/// The factor R of H = 1 + Σ 2 C_i x̃_i x̃_iᵀ over the active samples without forming H: the triangle of a QR
/// factorisation of the identity stacked on the samples times √(2 C_i), built up row by row with Givens rotations.
/// Loses half as many digits as Cholesky does; many times the work, so only where Cholesky gave up.
/// Shape of upper: order × order, order = features + 1; its upper triangle is written.
/// Source: G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed. (2013), 5.2.5 and 6.5.3.
void FactorByRotations(const BinaryProblem& problem, std::span<const double> residuals, const SampleBlocks& blocks,
                       ThreadTeam& team, std::span<double> upper);

}  // namespace iris
