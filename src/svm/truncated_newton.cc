// SPDX-License-Identifier: Apache-2.0
//
// Truncated Newton for the linear SVM with squared hinge and many features.
//
// Objective    P(w̃) = ½‖w̃‖² + Σ_i C_i max(0, r_i)²,  r_i = 1 − s_i w̃·x̃_i,  w̃ = (w, v),  x̃ = (x, β)
// Constraints  none
// Inputs       x: samples × features, dense or sparse, s = ±1, C > 0, β ≥ 0
// Method       as newton.cc, but the step solves H d = −g only roughly, by conjugate gradients, which need no more of H
//              than its products with vectors: two passes over the active samples' rows. They are preconditioned with
//              the diagonal of H, so that badly scaled features do not slow them down. The first steps, whose active
//              sets are far from the last one, are solved to a quarter; the nearer, the more precisely (the square root
//              of how far the gradient has fallen). A unit step that leaves the active set as it is shows that this is
//              the last one, most likely; from then on the system is solved as precisely as the end needs. Any other
//              step is followed to the exact minimum along it.
// Stops        when a unit step has left the active set as it is and the gradient's share of P, ½‖g‖² / P, which bounds
//              the relative duality gap, is below 1e-18: nothing that doubles show of P is left to gain. Or without
//              having converged when several steps bring nothing (the system is too badly conditioned), or at a bound.
// Result       w̃, Newton steps
// Complexity   a conjugate gradient: about 4 multiplications a stored value of the active samples; their number grows
//              with the square root of the condition of the scaled H. Memory: some vectors of features and of samples.
// Source       S. S. Keerthi and D. DeCoste, "A modified finite Newton method for fast solution of large scale linear
//              SVMs", JMLR 6 (2005) 341–361; S. C. Eisenstat and H. F. Walker, "Choosing the forcing terms in an
//              inexact Newton method", SIAM J. Sci. Comput. 17 (1996).

#include "src/svm/truncated_newton.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "src/svm/line_search.h"
#include "src/svm/sample_products.h"

namespace iris {
namespace {

constexpr int kMaxGradientsPerStep = 1000;
constexpr int kMaxIdleSteps = 5;
constexpr double kEnough = 1e-18;  // of P: ½‖g‖²
constexpr double kRoughest = 0.25;  // of the preconditioned gradient: what may be left of it in the first steps

class TruncatedNewton {
 public:
  TruncatedNewton(const BinaryProblem& problem, NewtonStart start, std::int64_t most_products, const SolverRun& run);

  TruncatedNewtonResult Solve();

 private:
  void ComputeStep(double tolerance);
  double ScaledNorm(std::span<const double> v) const;
  void Take(double t);

  const BinaryProblem& problem_;
  const SolverRun& run_;
  SampleProducts products_;
  double enough_;
  std::int64_t most_steps_;
  std::int64_t products_left_;
  double objective_ = 0.0;
  std::vector<double> weights_;    ///< w̃. Shape of this and all below but residuals: features + 1.
  std::vector<double> gradient_;
  std::vector<double> diagonal_;   ///< Of H.
  std::vector<double> step_;
  std::vector<double> rest_;       ///< −g − H step_.
  std::vector<double> direction_;
  std::vector<double> curved_;     ///< H direction_.
  std::vector<double> residuals_;  ///< Shape: samples.
  std::vector<double> full_residuals_;
};

TruncatedNewton::TruncatedNewton(const BinaryProblem& problem, NewtonStart start, std::int64_t most_products,
                                 const SolverRun& run)
    : problem_(problem),
      run_(run),
      products_(problem, run.team),
      enough_(start.enough),
      most_steps_(start.most_steps),
      products_left_(most_products),
      weights_(std::move(start.weights)),
      gradient_(problem.feature_count() + 1),
      diagonal_(gradient_.size()),
      step_(gradient_.size()),
      rest_(gradient_.size()),
      direction_(gradient_.size()),
      curved_(gradient_.size()),
      residuals_(problem.samples(), 1.0),
      full_residuals_(problem.samples()) {
  if (weights_.empty()) {
    weights_.assign(gradient_.size(), 0.0);
    for (const double cost : problem.costs) objective_ += cost;
  } else {
    const double losses = products_.Residuals(weights_, residuals_);
    objective_ = 0.5 * DotProduct(weights_, weights_) + losses;
  }
}

/// √(v · diagonal⁻¹ v).
double TruncatedNewton::ScaledNorm(std::span<const double> v) const {
  double sum = 0.0;
  for (std::size_t k = 0; k < v.size(); ++k) sum += v[k] * v[k] / diagonal_[k];
  return std::sqrt(sum);
}

/// step_ ≈ −H⁻¹ gradient_, until the scaled norm of what is left is below `tolerance`.
void TruncatedNewton::ComputeStep(double tolerance) {
  const std::size_t order = weights_.size();
  double* const d = step_.data();
  double* const rest = rest_.data();
  double* const p = direction_.data();
  double* const hp = curved_.data();
  const double* const m = diagonal_.data();
  std::ranges::fill(step_, 0.0);
  double rest_dot_scaled = 0.0;
  for (std::size_t k = 0; k < order; ++k) {
    rest[k] = -gradient_[k];
    p[k] = rest[k] / m[k];
    rest_dot_scaled += rest[k] * p[k];
  }
  for (int i = 0; i < kMaxGradientsPerStep && products_left_ > 0 && std::sqrt(rest_dot_scaled) > tolerance; ++i) {
    --products_left_;
    products_.Curve(residuals_, direction_, curved_);
    const double alpha = rest_dot_scaled / DotProduct(direction_, curved_);
    double next = 0.0;
    for (std::size_t k = 0; k < order; ++k) {
      d[k] += alpha * p[k];
      rest[k] -= alpha * hp[k];
      next += rest[k] * rest[k] / m[k];
    }
    const double beta = next / rest_dot_scaled;
    for (std::size_t k = 0; k < order; ++k) p[k] = rest[k] / m[k] + beta * p[k];
    rest_dot_scaled = next;
  }
}

/// Moves by t · step_.
void TruncatedNewton::Take(double t) {
  double* const w = weights_.data();
  for (std::size_t k = 0; k < weights_.size(); ++k) w[k] += t * step_[k];
  double losses = 0.0;
  if (t == 1.0) {
    std::swap(residuals_, full_residuals_);
    losses = products_.Interpolate(0.0, full_residuals_, residuals_);
  } else {
    losses = products_.Interpolate(t, full_residuals_, residuals_);
  }
  objective_ = 0.5 * DotProduct(weights_, weights_) + losses;
}

TruncatedNewtonResult TruncatedNewton::Solve() {
  TruncatedNewtonResult result;
  std::vector<double> moved(weights_.size());
  double first_norm = 0.0;
  double smallest = std::numeric_limits<double>::infinity();  // ‖g‖ so far
  bool settled = false;  // the last step was a unit step and left the active set as it was
  int idle_steps = 0;
  for (std::int64_t steps = 1; steps <= most_steps_ && products_left_ > 0; ++steps) {
    products_.Gradient(weights_, residuals_, gradient_);
    const double norm = std::sqrt(DotProduct(gradient_, gradient_));
    const double enough = std::sqrt(2.0 * kEnough * objective_);
    result.solution.steps = steps - 1;
    result.left = 0.5 * norm * norm / objective_;
    run_.Report(steps, result.left);
    if (!std::isfinite(norm)) break;
    if (settled && norm <= enough) {
      result.converged = true;
      break;
    }
    idle_steps = norm < 0.5 * smallest ? 0 : idle_steps + 1;
    smallest = std::min(norm, smallest);
    if (settled && idle_steps > kMaxIdleSteps) break;

    products_.CurveDiagonal(residuals_, diagonal_);
    const double scaled_norm = ScaledNorm(gradient_);
    if (steps == 1) first_norm = scaled_norm;
    const double rough = std::min(kRoughest, std::sqrt(scaled_norm / first_norm)) * scaled_norm;
    const double precise = 0.5 * scaled_norm * std::min(1.0, enough / norm);
    ComputeStep(settled ? precise : std::max(rough, precise));

    for (std::size_t k = 0; k < moved.size(); ++k) moved[k] = weights_[k] + step_[k];
    products_.Residuals(moved, full_residuals_);
    const double slope = DotProduct(gradient_, step_);
    result.converged = -0.5 * slope < enough_ * objective_;
    settled = SameActiveSet(residuals_, full_residuals_);
    Take(settled ? 1.0
                 : ExactLineSearch({slope, DotProduct(step_, step_), problem_.costs, residuals_,
                                    full_residuals_},
                                   products_.blocks(), run_.team));
    if (result.converged) break;
  }
  result.solution.weights = std::move(weights_);
  return result;
}

}  // namespace

TruncatedNewtonResult SolveByTruncatedNewton(const BinaryProblem& problem, NewtonStart start,
                                             std::int64_t most_products, const SolverRun& run) {
  return TruncatedNewton(problem, std::move(start), most_products, run).Solve();
}

}  // namespace iris
