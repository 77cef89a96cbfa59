// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/svm/binary_problem.h"
#include "src/svm/hinge_rows.h"
#include "src/svm/hinge_system.h"
#include "src/svm/solver_run.h"

namespace iris {

/// A point with zeros, and how good it is.
struct L1Point {
  std::vector<double> weights;      ///< w̃. Shape: order.
  std::vector<double> rounded_off;  ///< What rounding took from w̃, where that was computed. Shape: order, or 0.
  double objective = 0.0;
  double gap = 0.0;  ///< Absolute duality gap.
  std::int64_t steps = 0;
};

/// What the search has found out about the weights. Borrows. Shape of all: order.
struct L1Guess {
  std::span<const double> weights;      ///< w̃.
  std::span<const double> multipliers;  ///< u: +1 or −1 where the weight has that sign, between them where it is 0.
  std::span<const double> curvatures;   ///< 1/δ_j.
  std::span<const double> scale;        ///< The diagonal of the Hessian's part that comes from all samples.
  double costs = 0.0;                   ///< Σ 2C.
  double gap = 0.0;                     ///< Absolute duality gap, had the weights more digits than a double.
};

/// The optimum under the assumption that the weights with |u_j| < 1 are 0 and the others have the sign of u_j, and its
/// duality gap, which says whether that assumption is right: finite Newton on the others alone, and where rounding
/// keeps the gap above `target` of the objective, further steps in twice the precision.
L1Point PolishL1(const BinaryProblem& problem, const SolverRun& run, const HingeRows& rows, HingeSystem& system,
                 const L1Guess& guess, double target);

/// The same without the assumption, for nearly collinear features that leave it open which of them have a weight: the
/// kinks stay rounded off, u_j + w_j / δ_j in their place where |u_j| < 1, and only the precision is doubled. No weight
/// becomes exactly 0.
L1Point RefineL1(const BinaryProblem& problem, const SolverRun& run, const HingeRows& rows, HingeSystem& system,
                 const L1Guess& guess, double target);

/// The duality gap from the losses, Σα, ‖w̃‖₁ and the largest |Σ α z_j|, with α scaled into the box.
double L1Gap(double norm, double losses, double alpha, double largest);

/// How far a duality gap computed in doubles may be off, as a share of the objective: 0 where that does not matter. A
/// rounding error e of residuals becomes one of Σ 2C e |z_j| in the box |Σ α z_j| ≤ 1, which is at most
/// √h_j √(Σ 2C) e by Cauchy and Schwarz. Shapes: order. `costs` is Σ 2C.
double L1Doubt(std::span<const double> weights, std::span<const double> scale, double costs);

}  // namespace iris
