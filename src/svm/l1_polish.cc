// SPDX-License-Identifier: Apache-2.0
//
// The last steps of l1.cc, with the signs of the weights taken as known.
//
// Objective    P of l1.cc over the weights with |u_j| = 1, whose ‖w̃‖₁ is then Σ u_j w̃_j: smooth, piecewise quadratic
// Constraints  the other weights are 0 (PolishL1), or keep their rounded kinks (RefineL1)
// Inputs       the problem, and what the search guesses of the weights and their signs
// Method       finite Newton (newton.cc); then iterative refinement: residuals and gradient in twice the precision
//              (l1_fine.cc), the step with the factors of the last system, weights kept in two doubles
// Stops        at the target's gap, or when a step no longer lessens it or the gradient no longer halves; at most 8
//              steps and 12 refinements
// Result       the point and its duality gap in P, which proves or refutes the guess
// Complexity   a step as in l1.cc; a refinement: one pass in twice the precision, about 20 operations a stored value
// Source       N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. (2002), chapter 12

#include "src/svm/l1_polish.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "src/svm/l1_fine.h"

namespace iris {
namespace {

constexpr int kMostSteps = 8;
constexpr int kMostFineSteps = 12;
constexpr double kAbsent = 1e30;        // times its scale: the diagonal of a weight that stays 0
constexpr double kDamping = 1e-11;      // times its scale: that of the others, for the sake of collinear features
constexpr double kLeastDamping = 1e-15;  // where they are nearly so, and that damping would take too many steps
constexpr double kPromising = 1e-3;     // relative gap from which on more precision is worth its time
constexpr double kIterativeAccuracy = 1e-4;
constexpr double kNoDoubt = 5e-9;    // half of what the trainer accepts
constexpr double kMostDoubt = 5e-5;  // still below what is promising

double Norm(std::span<const double> weights) {
  double sum = 0.0;
  for (const double weight : weights) sum += std::abs(weight);
  return sum;
}

class Polish {
 public:
  Polish(const BinaryProblem& problem, const SolverRun& run, const HingeRows& rows, HingeSystem& system,
         const L1Guess& guess, bool rounded)
      : problem_(problem),
        run_(run),
        rows_(rows),
        system_(system),
        guess_(guess),
        rounded_(rounded),
        residuals_(rows.samples()),
        pull_(rows.order()),
        point_{.weights = {guess.weights.begin(), guess.weights.end()}, .rounded_off = {}} {
    for (std::size_t k = 0; k < rows.order(); ++k) {
      if (Absent(k)) point_.weights[k] = 0.0;
    }
  }

  L1Point Run(double target) {
    Evaluate();
    for (int i = 0; i < kMostSteps && !rounded_ && point_.gap > target * point_.objective; ++i) {
      if (!Step(kDamping)) break;
    }
    for (const double damping : {kDamping, kLeastDamping}) {
      if (point_.gap > target * point_.objective &&
          std::min(point_.gap, guess_.gap) <= kPromising * point_.objective) {
        Refine(damping, target);
      }
    }
    return std::move(point_);
  }

 private:
  bool OnKink(std::size_t k) const { return std::abs(guess_.multipliers[k]) < 1.0; }
  bool Absent(std::size_t k) const { return !rounded_ && OnKink(k); }

  /// Computes residuals, pull and gap of the point.
  void Evaluate() {
    rows_.Margins(point_.weights, residuals_);
    double* const r = residuals_.data();
    const double* const costs = problem_.costs.data();
    rows_.ForEach([&](SampleBlock s) {
      for (std::size_t i = s.begin; i < s.end; ++i) r[i] = 1.0 - r[i];
    });
    const std::array<double, 2> sums = rows_.Sum<2>([&](SampleBlock s, double* partial) {
      for (std::size_t i = s.begin; i < s.end; ++i) {
        if (!(r[i] > 0.0)) continue;
        partial[0] += costs[i] * r[i] * r[i];
        partial[1] += 2.0 * costs[i] * r[i];
      }
    });
    rows_.Pull(
        [&](SampleBlock s, double* out) {
          for (std::size_t i = s.begin; i < s.end; ++i) out[i - s.begin] = r[i] > 0.0 ? 2.0 * costs[i] * r[i] : 0.0;
        },
        pull_);
    double largest = 0.0;
    for (const double component : pull_) largest = std::max(largest, std::abs(component));
    point_.objective = Norm(point_.weights) + sums[0];
    point_.gap = L1Gap(Norm(point_.weights), sums[0], sums[1], largest) +
                 L1Doubt(point_.weights, guess_.scale, guess_.costs) * point_.objective;
  }

  /// Factors the Hessian of the weights that are not 0, at the samples with a loss.
  bool Factor(double damping) {
    std::vector<double> diagonal(rows_.order());
    for (std::size_t k = 0; k < diagonal.size(); ++k) {
      diagonal[k] = (Absent(k) ? kAbsent : damping) * guess_.scale[k];
      if (rounded_ && OnKink(k)) diagonal[k] += guess_.curvatures[k];
    }
    return system_.Factor(diagonal, [this](SampleBlock s, double* out) {
      for (std::size_t i = s.begin; i < s.end; ++i) {
        out[i - s.begin] = residuals_.data()[i] > 0.0 ? 2.0 * problem_.costs.data()[i] : 0.0;
      }
    });
  }

  /// A Newton step, kept if it lessens the gap. Result: whether it did.
  bool Step(double damping) {
    if (!Factor(damping)) return false;
    std::vector<double> step(pull_);
    for (std::size_t k = 0; k < step.size(); ++k) step[k] = Absent(k) ? 0.0 : step[k] - guess_.multipliers[k];
    system_.Solve(step, kIterativeAccuracy);
    const L1Point before = point_;
    for (std::size_t k = 0; k < step.size(); ++k) {
      if (!Absent(k)) point_.weights[k] += step[k];
    }
    Evaluate();
    ++point_.steps;
    if (point_.gap < before.gap) return true;
    point_ = before;
    Evaluate();
    return false;
  }

  /// Newton steps in twice the precision, for as long as they help.
  void Refine(double damping, double target) {
    if (!Factor(damping)) return;
    L1Point best = point_;
    if (best.rounded_off.empty()) best.rounded_off.assign(best.weights.size(), 0.0);
    L1Point next = best;
    best.gap = std::numeric_limits<double>::infinity();
    double last_gradient = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kMostFineSteps; ++i) {
      const FinePoint fine = LookFinely(problem_, next.weights, next.rounded_off, run_.team);
      double largest = 0.0;
      double gradient = 0.0;
      std::vector<double> step(next.weights.size(), 0.0);
      for (std::size_t k = 0; k < step.size(); ++k) {
        largest = std::max(largest, std::abs(fine.pull[k].value()));
        if (Absent(k)) continue;
        FineNumber component{-guess_.multipliers[k], 0.0};
        if (rounded_ && OnKink(k)) {
          component.AddProduct(-guess_.curvatures[k], next.weights[k] - guess_.weights[k]);
          component.AddProduct(-guess_.curvatures[k], next.rounded_off[k]);
        }
        component.Add(fine.pull[k]);
        step[k] = component.value();
        gradient = std::max(gradient, std::abs(step[k]));
      }
      const double norm = Norm(next.weights);
      next.objective = norm + fine.losses.value();
      next.gap = L1Gap(norm, fine.losses.value(), fine.alpha.value(), largest);
      if (next.gap < best.gap) best = next;
      if (best.gap <= target * best.objective || !(gradient < 0.5 * last_gradient)) break;
      last_gradient = gradient;
      system_.Solve(step, kIterativeAccuracy);
      for (std::size_t k = 0; k < step.size(); ++k) {
        if (Absent(k)) continue;
        FineNumber weight{next.weights[k], next.rounded_off[k]};
        weight.Add(step[k]);
        next.weights[k] = weight.value();
        next.rounded_off[k] = (weight.high - next.weights[k]) + weight.low;
      }
      ++next.steps;
    }
    best.steps = next.steps;
    if (best.gap < point_.gap) point_ = std::move(best);
  }

  const BinaryProblem& problem_;
  const SolverRun& run_;
  const HingeRows& rows_;
  HingeSystem& system_;
  const L1Guess& guess_;
  bool rounded_;
  std::vector<double> residuals_;  ///< Shape: samples.
  std::vector<double> pull_;       ///< Σ 2 C max(0, r) z. Shape: order.
  L1Point point_;
};

}  // namespace

double L1Gap(double norm, double losses, double alpha, double largest) {
  double factor = largest > 1.0 ? 1.0 / largest : 1.0;
  if (losses > 0.0) factor = std::min(factor, alpha / (2.0 * losses));
  // With α = 2 C r, ‖w̃‖₁ + losses − factor alpha + factor² losses.
  return norm + (losses - factor * alpha) + factor * factor * losses;
}

double L1Doubt(std::span<const double> weights, std::span<const double> scale, double costs) {
  double largest = 0.0;
  double decision = std::sqrt(costs);  // √(Σ 2C m²) for the sizes m of the terms of the residuals
  for (std::size_t k = 0; k < weights.size(); ++k) {
    largest = std::max(largest, scale[k]);
    decision += std::abs(weights[k]) * std::sqrt(scale[k]);
  }
  const double doubt = 0.5 * std::numeric_limits<double>::epsilon() * std::sqrt(largest) * decision;
  return doubt > kNoDoubt ? std::min(doubt, kMostDoubt) : 0.0;
}

L1Point PolishL1(const BinaryProblem& problem, const SolverRun& run, const HingeRows& rows, HingeSystem& system,
                 const L1Guess& guess, double target) {
  return Polish(problem, run, rows, system, guess, false).Run(target);
}

L1Point RefineL1(const BinaryProblem& problem, const SolverRun& run, const HingeRows& rows, HingeSystem& system,
                 const L1Guess& guess, double target) {
  return Polish(problem, run, rows, system, guess, true).Run(target);
}

}  // namespace iris
