// SPDX-License-Identifier: Apache-2.0
//
// Modified finite Newton for the linear SVM with squared hinge.
//
// Objective    P(w̃) = ½‖w̃‖² + C Σ_i max(0, r_i)²,  r_i = 1 − s_i w̃·x̃_i,  w̃ = (w, b),  x̃ = (x, 1)
//              strictly convex, once differentiable, piecewise quadratic; the intercept b is penalised with the weights
// Constraints  none
// Inputs       x: samples × features, s = ±1, C > 0
// Method       with the active set I = {i : r_i > 0}: gradient g = w̃ − 2C Σ_I s_i r_i x̃_i, generalised Hessian
//              H = I + 2C Σ_I x̃_i x̃_iᵀ, step d = −H⁻¹ g. Where the full step leaves the active set as it is, w̃ + d is
//              the minimum of the quadratic piece that it lies in, and so the minimum of P. Otherwise an exact line
//              search along d, and on from there; P falls strictly, and there are finitely many active sets.
// Stops        when the active set repeats after a unit step: no tolerance. Then a few steps on the same factors take
//              the rounding errors out of w̃ as far as doubles go, and further where need be (refinement.h). Two guards
//              against rounding, never met on tables of moderate conditioning: several steps that promise less than P can
//              show end the search (the certificate then judges the result), and a bound on steps ends it with an error.
// Result       w, b, steps (the polishing ones not counted)
// Complexity   a step: active × features² / 2 multiplications, features³ / 6, and sorting the sign changes
// Source       O. L. Mangasarian, "A finite Newton method for classification", Optimization Methods and Software 17
//              (2002); S. S. Keerthi and D. DeCoste, "A modified finite Newton method for fast solution of large scale
//              linear SVMs", JMLR 6 (2005) 341–361.

#include "src/svm/newton.h"

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "src/svm/hessian.h"
#include "src/svm/line_search.h"
#include "src/svm/refinement.h"

namespace iris {
namespace {

constexpr std::int64_t kMaxSteps = 2000;  // ordinary tables take about 10, badly scaled separable ones hundreds
constexpr int kMaxPolishing = 4;
constexpr double kInvisible = 1e-16;  // of P: a fall that doubles do not show
constexpr int kMaxInvisibleSteps = 5;
constexpr double kNegligibleGap = 1e-13;  // of P; a thousandth of what the trainer accepts

double Dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// A point, its residuals, and what follows from them.
struct Iterate {
  std::vector<double> weights;    ///< w̃. Shape: features + 1.
  std::vector<double> residuals;  ///< r. Shape: samples.
};

void ComputeResiduals(const BinaryProblem& problem, Iterate& at) {
  const std::size_t features = problem.feature_count;
  const double* const weights = at.weights.data();
  for (std::size_t i = 0; i < problem.samples(); ++i) {
    const double* const x = problem.sample(i);
    double decision = 0.0;
    for (std::size_t k = 0; k < features; ++k) decision += weights[k] * x[k];
    at.residuals[i] = 1.0 - problem.signs[i] * (decision + weights[features]);
  }
}

/// g at `at`. Shape: features + 1.
void ComputeGradient(const BinaryProblem& problem, const Iterate& at, std::vector<double>& gradient) {
  const std::size_t features = problem.feature_count;
  gradient.assign(features + 1, 0.0);
  double* const g = gradient.data();  // the release library checks every vector index: not in the innermost loop
  for (std::size_t i = 0; i < problem.samples(); ++i) {
    if (!(at.residuals[i] > 0.0)) continue;
    const double* const x = problem.sample(i);
    const double pull = problem.signs[i] * at.residuals[i];
    for (std::size_t k = 0; k < features; ++k) g[k] += pull * x[k];
    g[features] += pull;
  }
  const double scale = 2.0 * problem.cost;
  for (std::size_t k = 0; k <= features; ++k) gradient[k] = at.weights[k] - scale * gradient[k];
}

double Objective(const BinaryProblem& problem, const Iterate& at) {
  double losses = 0.0;
  for (const double residual : at.residuals) {
    if (residual > 0.0) losses += residual * residual;
  }
  return 0.5 * Dot(at.weights, at.weights) + problem.cost * losses;
}

bool SameActiveSet(const Iterate& a, const Iterate& b) {
  for (std::size_t i = 0; i < a.residuals.size(); ++i) {
    if ((a.residuals[i] > 0.0) != (b.residuals[i] > 0.0)) return false;
  }
  return true;
}

/// step = −H⁻¹ g.
void ComputeStep(const Hessian& hessian, const std::vector<double>& gradient, std::vector<double>& step) {
  step = gradient;
  hessian.Solve(step);
  for (double& component : step) component = -component;
}

/// to = from + step, with fresh residuals.
void Move(const BinaryProblem& problem, const Iterate& from, std::span<const double> step, Iterate& to) {
  for (std::size_t k = 0; k < step.size(); ++k) to.weights[k] = from.weights[k] + step[k];
  ComputeResiduals(problem, to);
}

/// Repeats steps with the same factors for as long as each at least halves the gradient. Result: ‖g‖² in the end.
double Polish(const BinaryProblem& problem, const Hessian& hessian, Iterate& at) {
  Iterate other = at;
  std::vector<double> gradient;
  std::vector<double> step;
  ComputeGradient(problem, at, gradient);
  double squared_norm = Dot(gradient, gradient);
  for (int i = 0; i < kMaxPolishing; ++i) {
    ComputeStep(hessian, gradient, step);
    Move(problem, at, step, other);
    ComputeGradient(problem, other, gradient);
    const double next = Dot(gradient, gradient);
    if (!(next < squared_norm)) break;
    std::swap(at, other);
    const bool halved = next <= 0.25 * squared_norm;
    squared_norm = next;
    if (!halved) break;
  }
  return squared_norm;
}

/// The result from the optimum. The duality gap of its dual point is ½‖g‖²: where that is not small enough by far, the
/// weights are refined beyond the digits of a double first, for the sake of the dual point.
NewtonSolution Finish(const BinaryProblem& problem, const Hessian& hessian, Iterate& at, double squared_gradient,
                      std::int64_t steps) {
  NewtonSolution solution;
  solution.steps = steps;
  if (!(0.5 * squared_gradient <= kNegligibleGap * Objective(problem, at))) {
    FineWeights fine{at.weights, std::vector<double>(at.weights.size(), 0.0)};
    Refine(problem, hessian, fine);
    at.weights = std::move(fine.high);
    solution.rounded_off = std::move(fine.low);
  }
  solution.bias = at.weights.back();
  solution.weights = std::move(at.weights);
  solution.weights.pop_back();
  return solution;
}

}  // namespace

Result<NewtonSolution> SolveSquaredHinge(const BinaryProblem& problem) {
  const std::size_t order = problem.feature_count + 1;
  Iterate at{std::vector<double>(order, 0.0), std::vector<double>(problem.samples(), 1.0)};
  Iterate full = at;
  std::vector<double> gradient;
  std::vector<double> step;
  Hessian hessian(problem);
  int invisible_steps = 0;
  for (std::int64_t steps = 1; steps <= kMaxSteps; ++steps) {
    ComputeGradient(problem, at, gradient);
    if (!hessian.Factor(at.residuals)) {
      return Fail(ErrorCode::kBadData,
                  "the features times the cost are too large for double precision: scale them down");
    }
    ComputeStep(hessian, gradient, step);
    Move(problem, at, step, full);

    const double promised = -0.5 * Dot(gradient, step);
    if (!(promised > kInvisible * Objective(problem, at))) ++invisible_steps;
    if (SameActiveSet(at, full) || invisible_steps > kMaxInvisibleSteps) {
      at = full;
      const double squared_gradient = Polish(problem, hessian, full);
      if (SameActiveSet(at, full) || invisible_steps > kMaxInvisibleSteps) {
        return Finish(problem, hessian, full, squared_gradient, steps);
      }
      std::swap(at, full);  // polishing showed that the active set was not the right one yet
      continue;
    }

    const double t =
        ExactLineSearch({problem.cost, Dot(at.weights, step), Dot(step, step), at.residuals, full.residuals});
    for (std::size_t k = 0; k < order; ++k) at.weights[k] += t * step[k];
    for (std::size_t i = 0; i < problem.samples(); ++i) {
      at.residuals[i] += t * (full.residuals[i] - at.residuals[i]);
    }
  }
  return Fail(ErrorCode::kCheckFailed, "no optimum within " + std::to_string(kMaxSteps) +
                                           " Newton steps: scale the features to similar ranges, or lower the cost");
}

}  // namespace iris
