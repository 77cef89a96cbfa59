// SPDX-License-Identifier: Apache-2.0
//
// Modified finite Newton for the linear SVM with squared hinge, in as many variables as there are samples.
//
// Objective    P(w̃) = ½‖w̃‖² + Σ_i C_i max(0, r_i)²,  r_i = 1 − s_i w̃·x̃_i,  w̃ = (w, v),  x̃ = (x, β)
// Constraints  none
// Inputs       x: samples × features with fewer samples than features, s = ±1, C > 0, β ≥ 0
// Method       the optimum is a combination of the samples, w̃ = Σ_i γ_i x̃_i, and so are the points of newton.cc on
//              the way: from any point with active set I = {i : r_i > 0} its full step leads to γ = 0 outside I and
//              (K_II + 1/(2 C_I)) γ_I = s_I, where K_ij = x̃_i·x̃_j. So the same steps and the same exact line search
//              need systems of |I| unknowns. Where the classes are separable and C is large, the residuals of support
//              vectors are far below the last digit of a double; they need not be computed as differences, because
//              after a full step they are s_i γ_i / (2 C_i).
// Stops        when the active set repeats after a unit step: no tolerance, but that a sample outside I whose residual
//              is rounding error stays outside. Then γ is refined with residuals from the table itself, for as long as
//              the error halves. A bound on steps, and a look at the duality gap that is left, guard against rounding.
// Result       w̃ = Σ γ_i x̃_i, the dual point α_i = max(0, s_i γ_i), steps
// Complexity   samples² × features / 2 multiplications once; a step: |I|³ / 6 and samples². Memory: samples² doubles.
// Source       O. Chapelle, "Training a support vector machine in the primal", Neural Computation 19 (2007) 1155–1178;
//              O. L. Mangasarian, "A finite Newton method for classification", Optimization Methods and Software 17
//              (2002).

#include "src/svm/dual_newton.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "src/svm/cholesky.h"
#include "src/svm/kernel.h"
#include "src/svm/line_search.h"
#include "src/svm/row_products.h"
#include "src/svm/sample_products.h"

namespace iris {
namespace {

constexpr std::int64_t kMaxSteps = 500;
constexpr int kMaxRefinements = 20;
constexpr double kRoundingError = 1e-15;  // of a residual, which is a difference from 1
constexpr double kNegligibleGap = 1e-12;  // of P; a hundredth of what the trainer accepts

class DualNewton {
 public:
  DualNewton(const BinaryProblem& problem, const SolverRun& run);

  Result<BinarySolution> Solve();

 private:
  bool Factor();
  void SolveActive(std::vector<double>& right) const;
  void MultiplyKernel();
  void ComputeFull();
  double SquaredStep() const;
  void Take(double t);
  void Refine();
  BinarySolution Finish(std::int64_t steps);
  double RelativeGap();

  const BinaryProblem& problem_;
  const SolverRun& run_;
  SampleProducts products_;
  std::vector<double> kernel_;          ///< K below the diagonal; on and above it the factor of the last system, in the
                                        ///< corner of active × active. Shape: samples × samples.
  std::vector<double> diagonal_;        ///< That of K. Shape: samples.
  std::vector<std::size_t> active_;     ///< I, ascending.
  std::vector<double> decisions_;       ///< K times full_gammas_. Shape: samples.
  std::vector<double> partials_;        ///< Room for its sums.
  std::vector<double> gammas_;          ///< γ. Shape of this and all below: samples.
  std::vector<double> residuals_;       ///< r.
  std::vector<double> full_gammas_;     ///< After a full step.
  std::vector<double> full_residuals_;  ///< The same.
  std::vector<double> weights_;         ///< w̃ of gammas_, once refined. Shape: features + 1.
};

DualNewton::DualNewton(const BinaryProblem& problem, const SolverRun& run)
    : problem_(problem),
      run_(run),
      products_(problem, run.team),
      kernel_(KernelOf(problem, run.team)),
      gammas_(problem.samples(), 0.0),
      residuals_(problem.samples(), 1.0),
      full_gammas_(problem.samples()),
      full_residuals_(problem.samples()),
      weights_(problem.feature_count() + 1) {
  for (std::size_t i = 0; i < problem.samples(); ++i) diagonal_.push_back(kernel_[i * problem.samples() + i]);
}

/// Factors K_II + 1/(2 C_I) for the active set of residuals_.
bool DualNewton::Factor() {
  const std::size_t samples = problem_.samples();
  active_.clear();
  for (std::size_t i = 0; i < samples; ++i) {
    if (residuals_[i] > 0.0) active_.push_back(i);
  }
  const std::size_t order = active_.size();
  double* const upper = kernel_.data();
  for (std::size_t b = 0; b < order; ++b) {
    const double* const row = kernel_.data() + active_[b] * samples;
    for (std::size_t a = 0; a < b; ++a) upper[a * samples + b] = row[active_[a]];
    upper[b * samples + b] = diagonal_[active_[b]] + 0.5 / problem_.costs[active_[b]];
  }
  return FactorCholesky(order, kernel_, run_.team, samples);
}

/// Replaces the active entries of `right` (shape: samples) by the solution of the factored system, the others by 0.
void DualNewton::SolveActive(std::vector<double>& right) const {
  std::vector<double> of_active;
  for (const std::size_t i : active_) of_active.push_back(right[i]);
  SolveCholesky(active_.size(), kernel_, of_active, problem_.samples());
  std::ranges::fill(right, 0.0);
  for (std::size_t a = 0; a < active_.size(); ++a) right[active_[a]] = of_active[a];
}

/// decisions_ = K times full_gammas_, from the triangle of K that is kept: each row is its part of a product with the
/// rows before it, and of theirs with it.
void DualNewton::MultiplyKernel() {
  const std::size_t samples = problem_.samples();
  decisions_.assign(samples, 0.0);
  products_.blocks().Sum(run_.team, samples, decisions_.data(), partials_, [&](SampleBlock block, double* sum) {
    for (std::size_t i = block.begin; i < block.end; ++i) {
      const std::span<const double> row(kernel_.data() + i * samples, i);
      sum[i] += Dot(row, full_gammas_.data()) + diagonal_[i] * full_gammas_[i];
      if (full_gammas_[i] != 0.0) AddMultiple(full_gammas_[i], row, sum);
    }
  });
}

/// Where the full step leads: full_gammas_ and full_residuals_.
void DualNewton::ComputeFull() {
  std::ranges::copy(problem_.signs, full_gammas_.begin());
  SolveActive(full_gammas_);
  MultiplyKernel();
  for (std::size_t i = 0; i < full_residuals_.size(); ++i) {
    const double sign = problem_.signs[i];
    if (residuals_[i] > 0.0) {
      full_residuals_[i] = sign * full_gammas_[i] / (2.0 * problem_.costs[i]);
      continue;
    }
    const double residual = 1.0 - sign * decisions_[i];
    full_residuals_[i] = residual > kRoundingError ? residual : std::min(residual, 0.0);
  }
}

/// ‖Δw̃‖² of the full step: Σ Δγ_i Δ(w̃·x̃_i).
double DualNewton::SquaredStep() const {
  double sum = 0.0;
  for (std::size_t i = 0; i < gammas_.size(); ++i) {
    sum += (full_gammas_[i] - gammas_[i]) * problem_.signs[i] * (residuals_[i] - full_residuals_[i]);
  }
  return std::max(sum, 0.0);
}

void DualNewton::Take(double t) {
  for (std::size_t i = 0; i < gammas_.size(); ++i) {
    gammas_[i] += t * (full_gammas_[i] - gammas_[i]);
    residuals_[i] += t * (full_residuals_[i] - residuals_[i]);
  }
}

/// Takes the rounding errors of kernel and factors out of gammas_, whose active set is that of the factors.
void DualNewton::Refine() {
  const std::size_t samples = problem_.samples();
  std::vector<double> errors(samples);
  std::vector<double> best = gammas_;
  double smallest = std::numeric_limits<double>::infinity();
  for (int round = 0; round < kMaxRefinements; ++round) {
    products_.Combine(gammas_, weights_);
    products_.Residuals(weights_, errors);
    double largest = 0.0;
    for (const std::size_t i : active_) {
      errors[i] = problem_.signs[i] * errors[i] - gammas_[i] / (2.0 * problem_.costs[i]);
      largest = std::max(largest, std::abs(errors[i]));
    }
    if (!(largest < smallest)) break;
    best = gammas_;
    if (largest > 0.5 * smallest || largest == 0.0) break;
    smallest = largest;
    SolveActive(errors);
    for (std::size_t i = 0; i < samples; ++i) gammas_[i] += errors[i];
  }
  gammas_ = std::move(best);
}

BinarySolution DualNewton::Finish(std::int64_t steps) {
  BinarySolution solution;
  solution.steps = steps;
  solution.dual.resize(gammas_.size());
  for (std::size_t i = 0; i < gammas_.size(); ++i) {
    solution.dual[i] = std::max(0.0, problem_.signs[i] * gammas_[i]);
    gammas_[i] = problem_.signs[i] * solution.dual[i];
  }
  products_.Combine(gammas_, weights_);
  solution.weights = weights_;
  return solution;
}

/// The duality gap at weights_ with the dual point of gammas_, as a share of P: with w̃ = Σ γ_i x̃_i it is a sum of
/// squares, Σ C_i (max(0, r_i) − α_i / (2 C_i))², but for what r_i < 0 < α_i adds.
double DualNewton::RelativeGap() {
  const double losses = products_.Residuals(weights_, residuals_);
  double gap = 0.0;
  for (std::size_t i = 0; i < gammas_.size(); ++i) {
    const double alpha = problem_.signs[i] * gammas_[i];
    const double miss = std::max(0.0, residuals_[i]) - alpha / (2.0 * problem_.costs[i]);
    gap += problem_.costs[i] * miss * miss + alpha * std::max(0.0, -residuals_[i]);
  }
  return gap / (0.5 * DotProduct(weights_, weights_) + losses);
}

Result<BinarySolution> DualNewton::Solve() {
  for (const double product : kernel_) {
    if (!std::isfinite(product)) {
      return Fail(ErrorCode::kBadData, "the features are too large for double precision: scale them down");
    }
  }
  for (std::int64_t steps = 1; steps <= kMaxSteps; ++steps) {
    if (!Factor()) break;
    ComputeFull();
    const double squared_step = SquaredStep();
    double squared_falls = 0.0;
    double losses = 0.0;
    for (const std::size_t i : active_) {
      const double fall = residuals_[i] - full_residuals_[i];
      squared_falls += 2.0 * problem_.costs[i] * fall * fall;
      losses += problem_.costs[i] * residuals_[i] * residuals_[i];
    }
    // The step solves H Δw̃ = −g: the slope along it is −Δw̃·H Δw̃, a sum of squares.
    const double slope = -(squared_step + squared_falls);
    run_.Report(steps, -0.5 * slope / losses);
    if (!SameActiveSet(residuals_, full_residuals_)) {
      Take(ExactLineSearch({slope, squared_step, problem_.costs, residuals_, full_residuals_}, products_.blocks(),
                           run_.team));
      continue;
    }
    std::swap(gammas_, full_gammas_);
    Refine();
    BinarySolution solution = Finish(steps);
    if (RelativeGap() <= kNegligibleGap) return solution;
    break;
  }
  return Fail(ErrorCode::kCheckFailed, "no optimum: scale the features to similar ranges, or lower the cost");
}

}  // namespace

Result<BinarySolution> SolveByDualNewton(const BinaryProblem& problem, const SolverRun& run) {
  return DualNewton(problem, run).Solve();
}

}  // namespace iris
