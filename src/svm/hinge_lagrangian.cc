// SPDX-License-Identifier: Apache-2.0
//
// Augmented Lagrangian with finite Newton for the linear SVM with hinge: the heart of SolveHinge.
//
// Objective    P(w̃) = ½‖w̃‖² + Σ_i C_i max(0, r_i),  r_i = 1 − z_i·w̃,  z_i = s_i x̃_i,  w̃ = (w, v),  x̃ = (x, β)
//              strictly convex, with a kink where a residual is 0; the intercept is penalised with the weights
// Constraints  none. Dual: D(α) = Σ α_i − ½‖Σ α_i z_i‖², 0 ≤ α_i ≤ C_i
// Inputs       x: samples × features, s = ±1, C > 0, β ≥ 0
// Method       The proximal point method on the dual, which on a quadratic programme ends after finitely many steps:
//              α⁺ = argmax D(α) − Σ (δ / 2C_i) (α_i − α_i⁰)². In terms of w̃ each such step is an unconstrained
//              problem, P with every kink rounded off over a width δ: the smooth, piecewise quadratic
//                ½‖w̃‖² + Σ max over 0 ≤ a ≤ C_i of [a r_i − (δ / 2C_i)(a − α_i⁰)²],
//                a_i = clip(α_i⁰ + C_i r_i / δ, 0, C_i),
//              with gradient g = w̃ − Σ a_i z_i and generalised Hessian H = 1 + Σ_E (C_i/δ) z_i z_iᵀ over the samples E
//              on the rounded kinks, 0 < a_i < C_i. These are few, so a step costs hardly more than two passes over the
//              table. Newton with exact line search solves it (finite, as in newton.cc). δ starts wide, where it is a
//              least-squares problem, and shrinks tenfold or more from stage to stage while the gap does not fall fast
//              enough by itself; each stage starts from the last one's w̃ and α. Coordinate descent on the dual would
//              stall here: its steps get short where C or the condition of the table is large.
// Stops        a and g give the duality gap of the very point at every step, as a sum of nonnegative terms,
//              Σ (C_i − a_i) max(0, r_i) + Σ a_i max(0, −r_i) + ½‖g‖²: at 1e-13 of P it is done. Where rounding does
//              not let the gap fall any more (it no longer halves in several stages), or after a bound on steps, the
//              best point so far is the result. A stage ends when Newton has found its optimum (no sample changed sides
//              in a full step) or when ½‖g‖² has become a tenth of the rest of the gap.
// Result       w̃, α, Newton steps
// Complexity   a step: 2 passes over the table, |E| features² / 2 and features³ / 6 (or conjugate gradients over E:
//              hinge_system.h); 20 to 40 steps on ordinary tables; memory: 4 numbers a sample
// Source       R. T. Rockafellar, "Augmented Lagrangians and applications of the proximal point algorithm in convex
//              programming", Mathematics of Operations Research 1 (1976) 97–116; Y. Yan and Q. Li, "An efficient
//              augmented Lagrangian method for support vector machine", Optimization Methods and Software 35 (2020)
//              855–883; S. S. Keerthi and D. DeCoste, JMLR 6 (2005) 341–361 (the finite Newton method).

#include "src/svm/hinge_lagrangian.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "src/svm/hinge_rows.h"
#include "src/svm/hinge_search.h"
#include "src/svm/hinge_system.h"

namespace iris {
namespace {

constexpr std::size_t kLargestDirect = 4096;  // features: the matrix then takes 128 MiB
constexpr std::int64_t kMostSteps = 1000;
constexpr int kMostStepsOfStage = 50;
constexpr int kMostStalledStages = 5;
constexpr double kWeightsAccuracy = 1e-6;  // gap as a share of ½‖w̃‖²
constexpr std::int64_t kMostStepsForWeights = 20;
constexpr double kSmall = 1e-5;           // relative gap below which rounding may be what holds up the search
constexpr double kInvisible = 1e-16;      // of P: a fall that doubles do not show
constexpr double kIterativeAccuracy = 1e-3;

double Dot(std::span<const double> a, std::span<const double> b) {
  const double* const x = a.data();
  const double* const y = b.data();
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += x[k] * y[k];
  return sum;
}

/// How good the current point is.
struct Standing {
  double objective = 0.0;        ///< P, or its order of magnitude.
  double complementarity = 0.0;  ///< Σ (C − a) max(0, r) + Σ a max(0, −r).
  double half_gradient = 0.0;    ///< ½‖g‖².
  double gap() const { return complementarity + half_gradient; }
};

/// Keeps four numbers a sample: r, the change of r along a step, α⁰, and the best α.
class Lagrangian {
 public:
  Lagrangian(const HingePart& part, const SolverRun& run)
      : costs_(part.samples.costs.data()),
        pull_(part.pull),
        offset_(part.offset),
        run_(run),
        rows_(part.samples, run),
        system_(rows_, run.team, kLargestDirect),
        weights_(rows_.order(), 0.0),
        gradient_(rows_.order()),
        step_(rows_.order()),
        residuals_(rows_.samples(), 1.0),
        margin_steps_(rows_.samples()),
        multipliers_(rows_.samples(), 0.0) {}

  /// Starts at a point near the optimum instead of 0.
  void StartAt(const HingeStart& start) {
    weights_.assign(start.weights.begin(), start.weights.end());
    ComputeResiduals();
    for (std::size_t i = 0; i < multipliers_.size(); ++i) {
      multipliers_.data()[i] = start.dual.empty() ? 0.5 * costs_[i] : start.dual[i];
    }
    width_ = start.width;
  }

  Result<BinarySolution> Run(const HingeEnd& end);

 private:
  /// a_i, unclipped.
  double Free(std::size_t i) const { return multipliers_.data()[i] + costs_[i] * (residuals_.data()[i] * per_width_); }
  double Dual(std::size_t i) const { return std::clamp(Free(i), 0.0, costs_[i]); }

  void ComputeResiduals();
  void ComputeFirstWidth();
  void Evaluate();
  bool Step();
  bool StageIsOver() const;
  void EndStage();
  void Remember();
  void Nudge();
  BinarySolution Best();

  const double* costs_;
  std::span<const double> pull_;      ///< Of the samples that are left out. Shape: order, or 0 for none.
  double offset_;
  const SolverRun& run_;
  HingeRows rows_;
  HingeSystem system_;
  std::vector<double> weights_;       ///< w̃. Shape: order.
  std::vector<double> gradient_;      ///< g. Shape: order.
  std::vector<double> step_;          ///< d. Shape: order.
  std::vector<double> residuals_;     ///< r. Shape: samples.
  std::vector<double> margin_steps_;  ///< z·d. Shape: samples.
  std::vector<double> multipliers_;   ///< α⁰. Shape: samples.
  double width_ = 0.0;                ///< δ; 0: to be chosen.
  double shrinking_ = 10.0;           ///< How much narrower the next stage usually is.
  double per_width_ = 0.0;            ///< 1/δ.
  Standing standing_;
  double last_half_gradient_ = 0.0;   ///< Before the last step.
  bool settled_ = false;              ///< The stage's problem is solved.
  int steps_of_stage_ = 0;
  std::int64_t steps_ = 0;
  double last_gap_ = std::numeric_limits<double>::infinity();    ///< At the end of the last stage.
  double least_gap_ = std::numeric_limits<double>::infinity();   ///< At the end of any stage.
  int stages_ = 0;
  int stalled_stages_ = 0;
  Standing best_standing_{.complementarity = std::numeric_limits<double>::infinity()};
  std::vector<double> best_weights_;
  std::vector<double> best_dual_;
};

void Lagrangian::ComputeResiduals() {
  rows_.Margins(weights_, residuals_);
  double* const r = residuals_.data();
  rows_.ForEach([&](SampleBlock block) {
    for (std::size_t i = block.begin; i < block.end; ++i) r[i] = 1.0 - r[i];
  });
}

// Wide enough for H to be no worse than 1000 times the identity: from 0, the first stage is then easy whatever C and
// the features. Never below 1, where all samples lie on their rounded kinks at w̃ = 0.
void Lagrangian::ComputeFirstWidth() {
  std::vector<double> diagonal(rows_.order());
  rows_.GramDiagonal([&](SampleBlock s, double* out) { std::copy(costs_ + s.begin, costs_ + s.end, out); }, diagonal);
  double trace = 0.0;
  for (const double element : diagonal) trace += element;
  width_ = std::max(1.0, 1e-3 * trace);
}

/// Computes gradient and standing at the current point.
void Lagrangian::Evaluate() {
  per_width_ = 1.0 / width_;
  rows_.Pull(
      [this](SampleBlock s, double* out) {
        for (std::size_t i = s.begin; i < s.end; ++i) out[i - s.begin] = Dual(i);
      },
      gradient_);
  for (std::size_t k = 0; k < gradient_.size(); ++k) gradient_[k] = weights_[k] - gradient_[k];
  for (std::size_t k = 0; k < pull_.size(); ++k) gradient_[k] -= pull_[k];
  const std::array<double, 2> sums = rows_.Sum<2>([this](SampleBlock s, double* partial) {
    double losses = 0.0;
    double complementarity = 0.0;
    for (std::size_t i = s.begin; i < s.end; ++i) {
      const double r = residuals_.data()[i];
      const double a = Dual(i);
      if (r > 0.0) {
        losses += costs_[i] * r;
        complementarity += (costs_[i] - a) * r;
      } else {
        complementarity -= a * r;
      }
    }
    partial[0] += losses;
    partial[1] += complementarity;
  });
  // Away from the optimum of a part, the others' lines may be far below 0, and P with them.
  standing_ = {.objective = 0.5 * Dot(weights_, weights_) + sums[0] + std::abs(offset_ - Dot(pull_, weights_)),
               .complementarity = sums[1],
               .half_gradient = 0.5 * Dot(gradient_, gradient_)};
}

/// One Newton step. Result: false when H does not fit into doubles.
bool Lagrangian::Step() {
  const bool factored = system_.Factor(std::vector<double>(rows_.order(), 1.0), [this](SampleBlock s, double* out) {
    for (std::size_t i = s.begin; i < s.end; ++i) {
      const double free = Free(i);
      out[i - s.begin] = free > 0.0 && free < costs_[i] ? costs_[i] * per_width_ : 0.0;
    }
  });
  if (!factored) return false;
  last_half_gradient_ = standing_.half_gradient;
  step_ = gradient_;
  system_.Solve(step_, kIterativeAccuracy);
  for (double& component : step_) component = -component;
  rows_.Margins(step_, margin_steps_);

  // Whether a full step leaves every sample on its side of the kink, or on the rounded part of it.
  const double* const m = margin_steps_.data();
  const std::array<double, 1> changes = rows_.Sum<1>([&](SampleBlock s, double* partial) {
    double count = 0.0;
    for (std::size_t i = s.begin; i < s.end; ++i) {
      const double from = Free(i);
      const double to = from - costs_[i] * (m[i] * per_width_);
      if ((from > 0.0) != (to > 0.0) || (from < costs_[i]) != (to < costs_[i])) count += 1.0;
    }
    partial[0] += count;
  });
  const double slope_at_zero = Dot(gradient_, step_);
  double t = 1.0;
  if (changes[0] > 0.0 || !system_.direct()) {
    const double linear = Dot(weights_, step_) - Dot(pull_, step_);
    const double square = Dot(step_, step_);
    t = FindZeroSlope(slope_at_zero, [&](double at) {
      const std::array<double, 2> sums = rows_.Sum<2>([&](SampleBlock s, double* partial) {
        double pull = 0.0;
        double curvature = 0.0;
        for (std::size_t i = s.begin; i < s.end; ++i) {
          const double free = Free(i) - costs_[i] * (at * m[i] * per_width_);
          if (free >= costs_[i]) {
            pull += costs_[i] * m[i];
          } else if (free > 0.0) {
            pull += free * m[i];
            curvature += costs_[i] * per_width_ * m[i] * m[i];
          }
        }
        partial[0] += pull;
        partial[1] += curvature;
      });
      return Slope{linear + at * square - sums[0], square + sums[1]};
    });
  }
  settled_ = (changes[0] == 0.0 && system_.direct()) || !(-slope_at_zero > kInvisible * standing_.objective);
  for (std::size_t k = 0; k < weights_.size(); ++k) weights_[k] += t * step_[k];
  double* const r = residuals_.data();
  rows_.ForEach([&](SampleBlock s) {
    for (std::size_t i = s.begin; i < s.end; ++i) r[i] -= t * m[i];
  });
  ++steps_;
  ++steps_of_stage_;
  return true;
}

/// Whether the stage has nothing more to give. Where its optimum is found but rounding left a gradient, the same step
/// again takes that out, for as long as it helps.
bool Lagrangian::StageIsOver() const {
  if (steps_of_stage_ == 0) return false;
  if (steps_of_stage_ >= kMostStepsOfStage) return true;
  if (standing_.half_gradient <= 0.1 * standing_.complementarity) return true;
  return settled_ && !(standing_.half_gradient < 0.1 * last_half_gradient_);
}

/// Takes the stage's α for the next one's α⁰, and chooses its width. A stage that took too many steps gives no α: its
/// width was too narrow for where it started.
void Lagrangian::EndStage() {
  if (steps_of_stage_ >= kMostStepsOfStage) {
    width_ *= 3.0;
    shrinking_ = std::max(2.0, 0.5 * shrinking_);
    steps_of_stage_ = 0;
    settled_ = false;
    ComputeResiduals();
    return;
  }
  double* const alpha = multipliers_.data();
  rows_.ForEach([&](SampleBlock s) {
    for (std::size_t i = s.begin; i < s.end; ++i) alpha[i] = Dual(i);
  });
  ComputeResiduals();  // without what adding up steps has rounded
  const double gap = standing_.gap();
  const bool small = gap <= kSmall * standing_.objective;
  stalled_stages_ = small && gap > 0.5 * least_gap_ ? stalled_stages_ + 1 : 0;
  if (settled_ && standing_.half_gradient > standing_.complementarity) {
    if (gap > 0.1 * last_gap_) width_ *= 10.0;  // so narrow that rounding errors of r make errors of α
  } else if (gap > 0.01 * last_gap_ || !small) {
    width_ /= steps_of_stage_ <= 3 ? shrinking_ * shrinking_ : shrinking_;
  }
  last_gap_ = gap;
  least_gap_ = std::min(least_gap_, gap);
  steps_of_stage_ = 0;
  settled_ = false;
}

void Lagrangian::Remember() {
  if (!(standing_.gap() < best_standing_.gap()) || standing_.gap() > 1e-2 * standing_.objective) return;
  best_standing_ = standing_;
  best_weights_ = weights_;
  best_dual_.resize(rows_.samples());
  double* const alpha = best_dual_.data();
  rows_.ForEach([&](SampleBlock s) {
    for (std::size_t i = s.begin; i < s.end; ++i) alpha[i] = Dual(i);
  });
}

// With a large C and (nearly) separable classes, many residuals should be 0 and are a rounding error above it, which C
// turns into a loss. Multiplying w̃ by 1 + κ, with the least κ that takes all of these below 0, costs κ ‖w̃‖² and what
// the samples on the wrong side lose by it; it is done where it saves more.
void Lagrangian::Nudge() {
  constexpr double kNear = 1e-6;
  ComputeResiduals();
  std::vector<double> sample(rows_.order());
  double kappa = 0.0;
  double losses = 0.0;
  double price = Dot(weights_, weights_) + std::abs(Dot(pull_, weights_));
  for (std::size_t i = 0; i < residuals_.size(); ++i) {
    const double r = residuals_.data()[i];
    if (r > 1.0) price += costs_[i] * (r - 1.0);
    if (std::abs(r) > kNear) continue;
    rows_.CopyRow(i, 1.0, sample.data());
    double magnitude = 1.0;
    for (std::size_t k = 0; k < sample.size(); ++k) magnitude += std::abs(sample[k] * weights_[k]);
    const double rounding = 4.0 * std::numeric_limits<double>::epsilon() * magnitude;
    losses += costs_[i] * std::max(0.0, r);
    kappa = std::max(kappa, (r + rounding) / (1.0 - r));
  }
  if (!(kappa * price < 0.5 * losses)) return;
  for (double& weight : weights_) weight *= 1.0 + kappa;
}

BinarySolution Lagrangian::Best() {
  if (best_weights_.empty()) {  // nothing good was seen
    best_weights_ = weights_;
    best_dual_ = multipliers_;
  }
  weights_ = best_weights_;
  Nudge();
  best_weights_ = weights_;
  return {.weights = std::move(best_weights_), .dual = std::move(best_dual_), .rounded_off = {}, .steps = steps_};
}

Result<BinarySolution> Lagrangian::Run(const HingeEnd& end) {
  const auto too_large = [] {
    return Fail(ErrorCode::kBadData, "the features times the cost are too large for double precision: scale them down");
  };
  if (width_ == 0.0) ComputeFirstWidth();
  if (!std::isfinite(width_)) return too_large();
  Evaluate();
  std::int64_t arrived = 0;  // the last step with a larger gap than asked for
  while (true) {
    const double left = standing_.gap() / standing_.objective;
    Remember();
    run_.Report(steps_, left);
    if (left > end.gap || std::isnan(left)) arrived = steps_;
    const bool small = standing_.gap() <= kWeightsAccuracy * 0.5 * Dot(weights_, weights_);
    if ((!(left > end.gap) && (small || steps_ - arrived >= kMostStepsForWeights)) || steps_ >= kMostSteps) break;
    if (StageIsOver()) {
      EndStage();
      if (++stages_ == end.stages) break;
      if (stalled_stages_ >= kMostStalledStages) break;
      Evaluate();
    }
    if (!Step()) return too_large();
    Evaluate();
  }
  return Best();
}

}  // namespace

Result<BinarySolution> MinimiseHinge(const HingePart& part, const HingeStart& start, const HingeEnd& end,
                                     const SolverRun& run) {
  Lagrangian lagrangian(part, run);
  if (!start.weights.empty()) lagrangian.StartAt(start);
  return lagrangian.Run(end);
}

}  // namespace iris
