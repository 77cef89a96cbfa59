// SPDX-License-Identifier: Apache-2.0
//
// The passes over the table that the solvers for the hinge and for L1 are made of, dense or sparse, on all threads,
// with the same bits for any number of them.

#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "src/svm/binary_problem.h"
#include "src/svm/sample_blocks.h"
#include "src/svm/solver_run.h"

namespace iris {

/// Samples as the solvers see them: rows z_i = s_i x̃_i = s_i (x_i, β). Borrows problem and team, which must outlive
/// it. Used from one thread at a time.
class HingeRows {
 public:
  /// Writes the coefficients of the samples [begin, end) to coefficients[0 … end − begin). Called from any thread.
  using Coefficients = std::function<void(SampleBlock samples, double* coefficients)>;

  HingeRows(const BinaryProblem& problem, const SolverRun& run);

  std::size_t samples() const { return problem_.samples(); }
  std::size_t order() const { return order_; }  ///< feature_count + 1.

  /// margins_i = z_i·v. Shape of v: order; of margins: samples.
  void Margins(std::span<const double> v, std::span<double> margins) const;

  /// pull = Σ a_i z_i over the samples with a_i ≠ 0. Shape of pull: order.
  void Pull(const Coefficients& a, std::span<double> pull) const;

  /// product = Σ θ_i z_i (z_i·v) over the samples with θ_i ≠ 0. Shape of v and product: order.
  void GramProduct(const Coefficients& theta, std::span<const double> v, std::span<double> product) const;

  /// diagonal_j = Σ θ_i z_ij². Shape: order.
  void GramDiagonal(const Coefficients& theta, std::span<double> diagonal) const;

  /// Sets the upper triangle of `gram` to that of Σ θ_i z_i z_iᵀ, and the rest to 0. Shape: order × order, row-major.
  void Gram(const Coefficients& theta, std::vector<double>& gram) const;

  /// row = scale z_i, written out with its zeros. Shape: order.
  void CopyRow(std::size_t i, double scale, double* row) const;

  /// ‖z_i‖².
  double Square(std::size_t i) const;

  /// Calls body(SampleBlock, double* partial) for pieces of the samples and returns the sums of the partial sums, added
  /// in the order of the pieces. Length ≤ 4 numbers a piece.
  template <std::size_t kLength, typename Body>
  std::array<double, kLength> Sum(Body&& body) const {
    std::array<double, kLength> total{};
    blocks_.Sum(run_.team, kLength, total.data(), partials_, body);
    return total;
  }

  /// Calls body(SampleBlock) for pieces of the samples, on all threads.
  template <typename Body>
  void ForEach(Body&& body) const {
    blocks_.ForEach(run_.team, [&](std::size_t, SampleBlock samples) { body(samples); });
  }

 private:
  const BinaryProblem& problem_;
  const SolverRun& run_;
  std::size_t order_;
  SampleBlocks blocks_;
  mutable std::vector<double> partials_;  // room for the sums of the blocks
};

}  // namespace iris
