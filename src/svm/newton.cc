// SPDX-License-Identifier: Apache-2.0
//
// Modified finite Newton for the linear SVM with squared hinge.
//
// Objective    P(w̃) = ½‖w̃‖² + Σ_i C_i max(0, r_i)²,  r_i = 1 − s_i w̃·x̃_i,  w̃ = (w, v),  x̃ = (x, β)
//              strictly convex, once differentiable, piecewise quadratic; the intercept is penalised with the weights
// Constraints  none
// Inputs       x: samples × features, s = ±1, C > 0, β ≥ 0
// Method       with the active set I = {i : r_i > 0}: gradient g = w̃ − 2 Σ_I C_i s_i r_i x̃_i, generalised Hessian
//              H = 1 + 2 Σ_I C_i x̃_i x̃_iᵀ, step d = −H⁻¹ g. Where the full step leaves the active set as it is, w̃ +
//              d is the minimum of the quadratic piece that it lies in, and so the minimum of P. Otherwise an exact
//              line search along d, and on from there; P falls strictly, and there are finitely many active sets.
// Stops        when the active set repeats after a unit step: no tolerance. Then a few steps on the same factors take
//              the rounding errors out of w̃ as far as doubles go. Where that leaves too large a gradient, or rounding
//              hides which samples are active (steps promise less than P can show), the search goes on from there with
//              twice the digits in weights, residuals and gradient, by the same rule. A bound on steps guards against
//              what even these cannot tell apart.
// Result       w̃, steps (the polishing ones not counted), and where twice the digits were needed, those beyond doubles
// Complexity   a step: two passes over the table, changed samples × features² / 2 and features³ / 6 multiplications
// Source       O. L. Mangasarian, "A finite Newton method for classification", Optimization Methods and Software 17
//              (2002); S. S. Keerthi and D. DeCoste, "A modified finite Newton method for fast solution of large scale
//              linear SVMs", JMLR 6 (2005) 341–361; N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd
//              ed. (2002), chapter 12, for the digits beyond doubles.

#include "src/svm/newton.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "src/svm/fine_products.h"
#include "src/svm/hessian.h"
#include "src/svm/line_search.h"
#include "src/svm/sample_products.h"

namespace iris {
namespace {

constexpr int kMaxPolishing = 20;
constexpr double kInvisible = 1e-16;      // of P: a fall that doubles do not show
constexpr double kVisible = 1e-12;        // of P: a fall that a step along the line should bring
constexpr double kFineInvisible = 1e-28;  // the same with twice the digits, less some for the sums
constexpr int kMaxInvisibleSteps = 5;
constexpr double kNegligibleGap = 1e-13;  // of P; a thousandth of what the trainer accepts

/// A point, its residuals, and what follows from them.
struct Iterate {
  FineWeights weights;            ///< w̃; the low parts are 0 as long as doubles do.
  std::vector<double> residuals;  ///< r. Shape: samples.
  double objective = 0.0;         ///< P.
};

/// One run of the method.
class Newton {
 public:
  Newton(const BinaryProblem& problem, NewtonStart start, const SolverRun& run);

  Result<BinarySolution> Solve();

 private:
  void Evaluate(Iterate& at);
  void ComputeGradient(const Iterate& at);
  void ComputeStep();
  void Move(const Iterate& from, double t, Iterate& to);
  void FollowStep();
  void Polish();
  BinarySolution Finish(std::int64_t steps);

  const BinaryProblem& problem_;
  const SolverRun& run_;
  SampleProducts products_;
  Hessian hessian_;
  double enough_;
  std::int64_t most_steps_;
  bool fine_ = false;  ///< Twice the digits.
  Iterate at_;
  Iterate full_;  ///< at_ + step_.
  std::vector<double> gradient_;
  std::vector<double> step_;
};

Newton::Newton(const BinaryProblem& problem, NewtonStart start, const SolverRun& run)
    : problem_(problem),
      run_(run),
      products_(problem, run.team),
      hessian_(problem, run.team),
      enough_(start.enough),
      most_steps_(start.most_steps),
      gradient_(problem.feature_count() + 1),
      step_(problem.feature_count() + 1) {
  const std::size_t order = problem.feature_count() + 1;
  at_.weights = {std::move(start.weights), std::vector<double>(order, 0.0)};
  at_.residuals.assign(problem.samples(), 1.0);
  if (at_.weights.high.empty()) {
    at_.weights.high.assign(order, 0.0);
    for (const double cost : problem.costs) at_.objective += cost;
  } else {
    Evaluate(at_);
  }
  full_ = at_;
}

void Newton::Evaluate(Iterate& at) {
  const std::vector<double>& w = at.weights.high;
  const double losses =
      fine_ ? FineResiduals(problem_, at.weights, products_.blocks(), run_.team, at.residuals)
            : products_.Residuals(w, at.residuals);
  at.objective = 0.5 * DotProduct(w, w) + losses;
}

void Newton::ComputeGradient(const Iterate& at) {
  if (fine_) {
    FineGradient(problem_, at.weights, at.residuals, products_.blocks(), run_.team, gradient_);
  } else {
    products_.Gradient(at.weights.high, at.residuals, gradient_);
  }
}

/// step_ = −H⁻¹ gradient_.
void Newton::ComputeStep() {
  step_ = gradient_;
  hessian_.Solve(step_);
  for (double& component : step_) component = -component;
}

/// to = from + t · step_, with fresh residuals.
void Newton::Move(const Iterate& from, double t, Iterate& to) {
  to.weights = from.weights;
  if (fine_) {
    to.weights.AddMultiple(t, step_);
  } else {
    for (std::size_t k = 0; k < step_.size(); ++k) to.weights.high[k] += t * step_[k];
  }
  Evaluate(to);
}

/// Moves at_ along step_ to where P is smallest.
void Newton::FollowStep() {
  const double t = ExactLineSearch({DotProduct(gradient_, step_), DotProduct(step_, step_), problem_.costs,
                                    at_.residuals, full_.residuals},
                                   products_.blocks(), run_.team);
  if (t == 1.0) {
    std::swap(at_, full_);
  } else if (fine_) {
    Move(at_, t, at_);
  } else {
    std::vector<double>& w = at_.weights.high;
    for (std::size_t k = 0; k < w.size(); ++k) w[k] += t * step_[k];
    at_.objective = 0.5 * DotProduct(w, w) + products_.Interpolate(t, full_.residuals, at_.residuals);
  }
}

/// Repeats steps with the same factors from at_ for as long as each at least halves the gradient and moves a weight.
/// Leaves gradient_ at at_. Spoils full_.
void Newton::Polish() {
  ComputeGradient(at_);
  double squared_norm = DotProduct(gradient_, gradient_);
  std::vector<double> gradient_here;
  for (int i = 0; i < kMaxPolishing; ++i) {
    ComputeStep();
    const double smallest = fine_ ? 0.0 : std::numeric_limits<double>::epsilon() / 2.0;
    if (DotProduct(step_, step_) <= smallest * smallest * DotProduct(at_.weights.high, at_.weights.high)) return;
    gradient_here = gradient_;
    Move(at_, 1.0, full_);
    ComputeGradient(full_);
    const double next = DotProduct(gradient_, gradient_);
    if (!(next < squared_norm)) {
      gradient_ = gradient_here;
      return;
    }
    std::swap(at_, full_);
    if (next > 0.25 * squared_norm) return;
    squared_norm = next;
  }
}

BinarySolution Newton::Finish(std::int64_t steps) {
  BinarySolution solution;
  solution.weights = std::move(at_.weights.high);
  if (fine_) solution.rounded_off = std::move(at_.weights.low);
  solution.steps = steps;
  return solution;
}

Result<BinarySolution> Newton::Solve() {
  int invisible_steps = 0;
  for (std::int64_t steps = 1; steps <= most_steps_; ++steps) {
    ComputeGradient(at_);
    if (!hessian_.Factor(at_.residuals)) {
      return Fail(ErrorCode::kBadData,
                  "the features times the cost are too large for double precision: scale them down");
    }
    ComputeStep();
    Move(at_, 1.0, full_);

    const double promised = -0.5 * DotProduct(gradient_, step_);
    run_.Report(steps, promised / at_.objective);
    if (!(promised > (fine_ ? kFineInvisible : kInvisible) * at_.objective)) ++invisible_steps;
    const bool lost = invisible_steps > kMaxInvisibleSteps;
    const double objective = at_.objective;
    if (promised < enough_ * at_.objective) {
      std::swap(at_, full_);
      return Finish(steps);
    }
    if (!lost && !SameActiveSet(at_.residuals, full_.residuals)) {
      FollowStep();
      // Steps that promise much and bring nothing: the active set that they trust is noise.
      if (!fine_ && !(at_.objective < (1.0 - kVisible) * objective)) ++invisible_steps;
      continue;
    }
    std::swap(at_, full_);
    Polish();
    // Polishing may show that the active set was not the right one yet.
    if (!lost && !hessian_.IsFor(at_.residuals)) continue;
    // The duality gap of the dual point that follows from the weights is ½‖g‖²: it must be small enough by far.
    if (fine_ || 0.5 * DotProduct(gradient_, gradient_) <= kNegligibleGap * at_.objective) return Finish(steps);
    fine_ = true;
    invisible_steps = 0;
    Evaluate(at_);
  }
  return Fail(ErrorCode::kCheckFailed, "no optimum within " + std::to_string(most_steps_) +
                                           " Newton steps: scale the features to similar ranges, or lower the cost");
}

}  // namespace

Result<BinarySolution> SolveByNewton(const BinaryProblem& problem, NewtonStart start, const SolverRun& run) {
  return Newton(problem, std::move(start), run).Solve();
}

}  // namespace iris
