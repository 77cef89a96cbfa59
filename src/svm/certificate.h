// SPDX-License-Identifier: Apache-2.0
//
// Proof that a row of weights is optimal, from the weights and the table alone. Shares no code with the solvers.
//
// With w̃ = (w, v), x̃ = (x, β) and r_i = 1 − s_i w̃·x̃_i:
//   primal  P(w̃) = ½‖w̃‖² + Σ C_i max(0, r_i)²
//   dual    D(α) = Σ α_i − Σ α_i² / (4 C_i) − ½‖Σ α_i s_i x̃_i‖²   for any α ≥ 0
// Weak duality: D(α) ≤ min P ≤ P(w̃) for every α ≥ 0 and every w̃. At the optimum α_i = 2 C_i max(0, r_i); that α is
// feasible at any other w̃ too, and there the gap P − D is exactly ½‖∇P(w̃)‖². So a small gap proves that w̃ is optimal
// to within it, and gap and gradient check each other. On badly conditioned tables rounding w̃ to doubles hardly moves
// P, but moves the gradient, and so that D, a lot: there the solver gives the part of w̃ that rounding took, and α is
// made from the finer w̃. Any α ≥ 0 proves what it proves, wherever it comes from.

#pragma once

#include "src/svm/binary_problem.h"
#include "src/svm/model.h"
#include "src/svm/thread_team.h"

namespace iris {

/// The certificate of `solution` for the squared hinge with L2 penalty, in twice double precision, so that the
/// difference of P and D has digits left. `solution.rounded_off` is added to its weights for the dual point only.
/// Certificate.violation is ‖∇P‖ at the weights as they are. Deterministic, whatever the team.
Certificate CertifySquaredHinge(const BinaryProblem& problem, const BinarySolution& solution, ThreadTeam& team);

}  // namespace iris
