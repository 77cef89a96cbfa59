// SPDX-License-Identifier: Apache-2.0
//
// What the solvers of the squared hinge ask of a table: products with it and with its transpose, dense or sparse, on
// all threads, with the same bits whatever their number.

#pragma once

#include <span>
#include <vector>

#include "src/dataset/matrix.h"
#include "src/svm/binary_problem.h"
#include "src/svm/sample_blocks.h"
#include "src/svm/solver_run.h"

namespace iris {

/// The products of one problem; keeps room for partial sums. Borrows problem and team. One thread.
/// Shapes: weights, sums and directions: feature_count + 1; residuals: samples. A sample is active where its residual
/// r_i = 1 − s_i w̃·x̃_i is above 0.
class SampleProducts {
 public:
  SampleProducts(const BinaryProblem& problem, ThreadTeam& team);

  const BinaryProblem& problem() const { return problem_; }
  const SampleBlocks& blocks() const { return blocks_; }
  ThreadTeam& team() const { return team_; }

  /// Writes the residuals at `weights`. Result: Σ C_i max(0, r_i)².
  double Residuals(std::span<const double> weights, std::span<double> residuals);

  /// residuals += t (others − residuals). Result: as of Residuals.
  double Interpolate(double t, std::span<const double> others, std::span<double> residuals);

  /// gradient = w̃ − Σ 2 C_i s_i r_i x̃_i over the active samples.
  void Gradient(std::span<const double> weights, std::span<const double> residuals, std::span<double> gradient);

  /// product = H v with H = 1 + Σ 2 C_i x̃_i x̃_iᵀ over the active samples.
  void Curve(std::span<const double> residuals, std::span<const double> v, std::span<double> product);

  /// The diagonal of H.
  void CurveDiagonal(std::span<const double> residuals, std::span<double> diagonal);

  /// sum = Σ factor_i x̃_i. Shape of factors: samples.
  void Combine(std::span<const double> factors, std::span<double> sum);

 private:
  void CurveSparse(const SparseMatrix& features, std::span<const double> residuals, std::span<const double> v,
                   std::span<double> product);

  const BinaryProblem& problem_;
  ThreadTeam& team_;
  SampleBlocks blocks_;
  std::vector<double> partials_;
};

/// Whether the same samples are active. Shapes: samples.
bool SameActiveSet(std::span<const double> residuals, std::span<const double> others);

/// Σ a_k b_k.
double DotProduct(std::span<const double> a, std::span<const double> b);

}  // namespace iris
