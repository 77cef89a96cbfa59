// SPDX-License-Identifier: Apache-2.0
//
// Proof that a row of weights is optimal for the L1-regularised squared hinge, from the weights and the table alone.
// Shares no code with the solver.
//
// With w̃ = (w, v), x̃ = (x, β) and r_i = 1 − s_i w̃·x̃_i:
//   primal  P(w̃) = ‖w̃‖₁ + Σ C_i max(0, r_i)²
//   dual    D(α) = Σ α_i − Σ α_i² / (4 C_i)   for any α ≥ 0 with |Σ α_i s_i x̃_ij| ≤ 1 for every feature j
// Weak duality: D(α) ≤ min P ≤ P(w̃) for every such α and every w̃. At the optimum α_i = 2 C_i max(0, r_i). At any
// other w̃ that α may leave the box |Σ α_i s_i x̃_ij| ≤ 1; multiplied by the largest factor that brings it back (or by
// the one that makes D largest, where that is smaller), it is feasible. The box is an exact matter: where C and the
// features are large, rounding w̃ to doubles alone pushes α far out of it. There the solver gives the part of w̃ that
// rounding took (BinarySolution.rounded_off), and α is made from the finer w̃.
// Optimality conditions, with g_j = −Σ α_i s_i x̃_ij for α_i = 2 C_i max(0, r_i): g_j = −sign(w̃_j) where w̃_j ≠ 0, and
// |g_j| ≤ 1 elsewhere. The violation is the largest amount by which any of these is missed, at the finer weights where
// the solver gave them: at the rounded ones it would measure the digits of a double.

#pragma once

#include "src/svm/binary_problem.h"
#include "src/svm/model.h"
#include "src/svm/thread_team.h"

namespace iris {

/// The certificate of `solution` for the squared hinge with L1 penalty, in twice double precision, so that the
/// difference of P and D has digits left. `solution.dual` is not looked at. Deterministic, whatever the team.
Certificate CertifyL1(const BinaryProblem& problem, const BinarySolution& solution, ThreadTeam& team);

}  // namespace iris
