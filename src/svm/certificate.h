// SPDX-License-Identifier: Apache-2.0
//
// Proof that a row of weights is optimal, from the weights and the table alone. Shares no code with the solver.
//
// With w̃ = (w, b), x̃ = (x, 1) and r_i = 1 − s_i w̃·x̃_i:
//   primal  P(w̃) = ½‖w̃‖² + C Σ max(0, r_i)²
//   dual    D(α) = Σ α_i − Σ α_i² / (4C) − ½‖Σ α_i s_i x̃_i‖²   for any α ≥ 0
// Weak duality: D(α) ≤ min P ≤ P(w̃) for every α ≥ 0 and every w̃. At the optimum α_i = 2C max(0, r_i); that α is
// feasible at any other w̃ too, and there the gap P − D is exactly ½‖∇P(w̃)‖². So a small gap proves that w̃ is optimal
// to within it, and gap and gradient check each other. On badly conditioned tables rounding w̃ to doubles hardly moves
// P, but moves the gradient, and so that D, a lot: there the caller may give the part of w̃ that rounding took, and α is
// made from the finer w̃. Any α ≥ 0 proves what it proves, wherever it comes from.

#pragma once

#include <cstdint>
#include <span>

#include "src/svm/binary_problem.h"
#include "src/svm/model.h"

namespace iris {

/// The certificate of (weights, bias) for `problem`, in twice double precision, so that the difference of P and D has
/// digits left. `rounded_off` is added to (weights, bias) for the dual point only. `steps` is passed through. Pure;
/// deterministic. Shape of weights: feature_count; of rounded_off: feature_count + 1, or 0.
Certificate Certify(const BinaryProblem& problem, std::span<const double> weights, double bias,
                    std::span<const double> rounded_off, std::int64_t steps);

}  // namespace iris
