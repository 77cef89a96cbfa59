// SPDX-License-Identifier: Apache-2.0
//
// Proof that a row of weights is optimal for the L2-regularised hinge, from the weights, a dual point and the table.
// Shares no code with the solver.
//
// With w̃ = (w, v), x̃ = (x, β) and r_i = 1 − s_i w̃·x̃_i:
//   primal  P(w̃) = ½‖w̃‖² + Σ C_i max(0, r_i)
//   dual    D(α) = Σ α_i − ½‖Σ α_i s_i x̃_i‖²   for any α with 0 ≤ α_i ≤ C_i
// Weak duality: D(α) ≤ min P ≤ P(w̃) for every such α and every w̃, wherever they come from. The weights do not
// determine α here, so the solver gives it; it is clamped to the box first, and what is not a number becomes 0.
// Optimality conditions: w̃ = Σ α_i s_i x̃_i; r_i ≤ 0 where α_i < C_i; r_i ≥ 0 where α_i > 0. The violation is the
// largest amount by which any of these is missed: the largest |w̃_j − Σ α_i s_i x̃_ij|, max(0, r_i) where α_i < C_i,
// and max(0, −r_i) where α_i > 0.

#pragma once

#include "src/svm/binary_problem.h"
#include "src/svm/model.h"
#include "src/svm/thread_team.h"

namespace iris {

/// The certificate of `solution` for the hinge with L2 penalty, in twice double precision, so that the difference of P
/// and D has digits left. Without a dual point (solution.dual empty) D is 0, that of α = 0. Deterministic, whatever the
/// team. Requires: solution.dual has as many entries as the problem has samples, or none.
Certificate CertifyHinge(const BinaryProblem& problem, const BinarySolution& solution, ThreadTeam& team);

}  // namespace iris
