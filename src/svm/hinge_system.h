// SPDX-License-Identifier: Apache-2.0
//
// The linear system of a Newton step of the solvers for the hinge and for L1: H d = v, H = diag(D) + Σ θ_i z_i z_iᵀ.

#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "src/svm/hinge_rows.h"
#include "src/svm/thread_team.h"

namespace iris {

/// With few enough features H is formed and factored as RᵀR by Cholesky; where that has lost its digits to nearly
/// collinear features, R is built without H by Givens rotations, which lose half as many. With more features the system
/// is solved by conjugate gradients with H's diagonal as preconditioner, and H is never formed: a step costs a pass
/// over the samples with θ_i ≠ 0.
/// Memory: order² doubles, or a few vectors. Time: order² × samples with θ_i ≠ 0 / 2 + order³ / 6 for Factor.
/// Source: G. H. Golub and C. F. Van Loan, Matrix Computations, 4th ed. (2013), 4.2, 6.5.3, 11.5.2.
class HingeSystem {
 public:
  /// `rows` and `team` must outlive it. Used from one thread at a time. H is formed up to `largest_direct` features.
  HingeSystem(const HingeRows& rows, ThreadTeam& team, std::size_t largest_direct);

  /// Whether Solve is exact up to rounding.
  bool direct() const { return direct_; }

  /// Takes H. `theta` is called again by Solve where that iterates. Shape of diagonal: order; > 0.
  /// Result: false when H does not fit into doubles.
  bool Factor(std::span<const double> diagonal, HingeRows::Coefficients theta);

  /// Replaces v by H⁻¹ v, or by an approximation whose residual is `accuracy` of v (in the norm of the preconditioner)
  /// where that iterates. Shape of v: order. Requires: Factor returned true.
  void Solve(std::span<double> v, double accuracy) const;

 private:
  void Rotate();
  void Iterate(std::span<double> v, double accuracy) const;

  const HingeRows& rows_;
  ThreadTeam& team_;
  std::size_t order_;
  bool direct_;
  HingeRows::Coefficients theta_;
  std::vector<double> diagonal_;          ///< D. Shape: order.
  std::vector<double> whole_diagonal_;    ///< That of H. Shape: order.
  std::vector<double> upper_;             ///< H, then R. Shape: order × order, row-major, in the upper triangle.
};

}  // namespace iris
