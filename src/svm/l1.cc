// SPDX-License-Identifier: Apache-2.0
//
// Proximal method of multipliers with finite Newton for the linear SVM with squared hinge and L1 penalty.
//
// Objective    P(w̃) = ‖w̃‖₁ + Σ_i C_i max(0, r_i)²,  r_i = 1 − z_i·w̃,  z_i = s_i x̃_i,  w̃ = (w, v),  x̃ = (x, β)
//              convex, with a kink where a weight is 0; the intercept is penalised with the weights
// Constraints  none. Dual: D(α) = Σ α_i − Σ α_i² / 4C_i, α ≥ 0, |Σ α_i z_ij| ≤ 1 for every feature j
// Inputs       x: samples × features, s = ±1, C > 0, β ≥ 0
// Method       |w_j| is the largest u w_j over −1 ≤ u ≤ 1. Proximal steps in these u, and in w̃, give a sequence of
//              smooth, piecewise quadratic problems: P with each kink rounded off over a width δ_j about the last u_j⁰,
//                max over |u| ≤ 1 of [u w_j − (δ_j / 2)(u − u_j⁰)²],  u_j = clip(u_j⁰ + w_j / δ_j, −1, 1),
//              and with (ε_j / 2)(w_j − w_j⁰)² added, which makes the minimum unique where features are collinear or
//              outnumber the samples. Gradient g_j = u_j + ε_j (w_j − w_j⁰) − Σ 2 C_i max(0, r_i) z_ij; generalised
//              Hessian H = diag(1/δ_j where |u_j| < 1, else 0) + diag(ε_j) + Σ over r_i > 0 of 2 C_i z_i z_iᵀ. Newton
//              with exact line search (finite, as in newton.cc). δ_j and ε_j are multiples of 1 / h_j and h_j = Σ 2 C_i
//              z_ij², so that neither the features' scales nor C matter to the number of steps. Each stage's u and w̃
//              are the next one's u⁰ and w̃⁰; δ shrinks where the gap does not fall fast enough by itself.
//              After every stage: the weights with |u_j| < 1 are taken to be 0, the others to have the sign of u_j, and
//              Newton finds the optimum of these alone, in twice the precision where need be (l1_polish.cc). Its gap
//              shows whether the guess is right; it is after a few stages, and then the answer is exact, zeros
//              included. Large tables are first solved roughly on a sixteenth of their samples, for a start; where
//              features are more than 256, or outnumber the samples, coordinate descent (l1_coordinates.cc) comes
//              first, and usually is enough; where it is not, all this is done on the features that may have a weight,
//              and again with those that turn out to miss.
// Stops        at a duality gap of 1e-13 of P, computed in twice the precision where doubles could not tell it from
//              their rounding errors (L1Doubt), with α_i = 2 C_i max(0, r_i) scaled into the box. Where rounding does
//              not let the gap fall any more (it no longer halves in several stages), or after a bound on steps, the
//              best point so far is the result.
// Result       w̃, what rounding took from it where that matters to α, Newton steps
// Complexity   a step: 2 passes over the table, samples with r_i > 0 × features² / 2, and features³ / 6 (or conjugate
//              gradients: hinge_system.h); 5 to 50 steps; memory: 3 numbers a sample, and up to 2048 features a matrix
//              of features² doubles (32 MiB)
// Source       R. T. Rockafellar, "Augmented Lagrangians and applications of the proximal point algorithm in convex
//              programming", Mathematics of Operations Research 1 (1976) 97–116; X. Li, D. Sun and K.-C. Toh, "A highly
//              efficient semismooth Newton augmented Lagrangian method for solving Lasso problems", SIAM J.
//              Optimization 28 (2018) 433–458; S. S. Keerthi and D. DeCoste, JMLR 6 (2005) 341–361 (the finite Newton
//              method).

#include "src/svm/l1.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "src/svm/hinge_rows.h"
#include "src/svm/hinge_search.h"
#include "src/svm/hinge_subset.h"
#include "src/svm/hinge_system.h"
#include "src/svm/l1_columns.h"
#include "src/svm/l1_coordinates.h"
#include "src/svm/l1_polish.h"

namespace iris {
namespace {

constexpr double kTarget = 1e-13;             // relative gap that ends the search
constexpr double kDescentTarget = 1e-12;      // more digits are not worth their passes
constexpr std::size_t kMany = 256;            // features, from which on coordinate descent is tried first
constexpr double kNearlyPulled = 0.9;         // of what gives a feature a weight
constexpr double kRoughTarget = 1e-4;         // on a subset: its optimum is not the table's anyway
constexpr std::size_t kFewestSamples = 8000;  // for a subset to pay
constexpr std::size_t kFewestOfFeature = 100;
constexpr std::size_t kLargestDirect = 2048;  // features: the matrix then takes 32 MiB
constexpr std::int64_t kFastSteps = 40;
constexpr std::int64_t kFastIterativeSteps = 400;
constexpr std::int64_t kMostSteps = 1000;
constexpr int kMostStepsOfStage = 50;
constexpr int kMostStalledStages = 10;
constexpr std::size_t kSettledShare = 1000;
constexpr double kAlmost = 1e-4;  // relative gap from which on more digits may be all that is missing
constexpr double kSmall = 1e-5;  // relative gap below which rounding may be what holds up the search
constexpr double kInvisible = 1e-18;
constexpr double kLargestGradient = 1e-2;
constexpr double kProximal = 1e-6;       // ε_j / h_j at the first width, and in proportion to it later,
constexpr double kLeastProximal = 1e-16;  // but no less
constexpr double kIterativeAccuracy = 1e-3;

double Dot(std::span<const double> a, std::span<const double> b) {
  const double* const x = a.data();
  const double* const y = b.data();
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += x[k] * y[k];
  return sum;
}

class Search {
 public:
  Search(const BinaryProblem& problem, const SolverRun& run)
      : problem_(problem),
        costs_(problem.costs.data()),
        run_(run),
        rows_(problem, run),
        system_(rows_, run.team, kLargestDirect),
        weights_(rows_.order(), 0.0),
        anchor_(rows_.order(), 0.0),
        multipliers_(rows_.order(), 0.0),
        scale_(rows_.order()),
        gradient_(rows_.order()),
        step_(rows_.order()),
        residuals_(rows_.samples(), 1.0),
        margin_steps_(rows_.samples()) {
    rows_.GramDiagonal(
        [this](SampleBlock s, double* out) {
          for (std::size_t i = s.begin; i < s.end; ++i) out[i - s.begin] = 2.0 * costs_[i];
        },
        scale_);
    for (double& scale : scale_) {
      if (!(scale > std::numeric_limits<double>::min())) scale = 1.0;  // a feature of zeros, whose weight is 0
    }
    base_ = scale_;
    for (std::size_t i = 0; i < rows_.samples(); ++i) costs_sum_ += 2.0 * costs_[i];
    best_.gap = std::numeric_limits<double>::infinity();
  }

  /// Starts at `weights`, near the optimum, instead of 0.
  void StartAt(std::span<const double> weights) {
    weights_.assign(weights.begin(), weights.end());
    anchor_ = weights_;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      multipliers_[k] = weights[k] > 0.0 ? 1.0 : weights[k] < 0.0 ? -1.0 : 0.0;
    }
    ComputeResiduals();
  }

  /// Starts again from 0, with kinks rounded off as widely as the weights may be large, and carefully.
  void StartCarefully();

  /// Searches until the target is reached, or rounding ends it, or for `most_steps`. Result: false when H does not fit
  /// into doubles.
  bool Run(double target, std::int64_t most_steps);

  double relative_gap() const { return best_.gap / best_.objective; }
  BinarySolution Best() const;

 private:
  /// u_k, unclipped.
  double Free(std::size_t k) const { return multipliers_[k] + weights_[k] * (base_[k] / width_); }
  double Multiplier(std::size_t k) const { return std::clamp(Free(k), -1.0, 1.0); }
  double Proximal(std::size_t k) const { return std::max(proximal_ * width_ * base_[k], kLeastProximal * scale_[k]); }

  void ComputeResiduals();
  void Evaluate();
  bool Step();
  void EndStage(double target);

  const BinaryProblem& problem_;
  const double* costs_;
  const SolverRun& run_;
  HingeRows rows_;
  HingeSystem system_;
  std::vector<double> weights_;       ///< w̃. Shape: order.
  std::vector<double> anchor_;        ///< w̃⁰. Shape: order.
  std::vector<double> multipliers_;   ///< u⁰. Shape: order.
  std::vector<double> scale_;         ///< h. Shape: order.
  double costs_sum_ = 0.0;            ///< Σ 2C.
  std::vector<double> gradient_;      ///< g. Shape: order.
  std::vector<double> step_;          ///< d. Shape: order.
  std::vector<double> residuals_;     ///< r. Shape: samples.
  std::vector<double> margin_steps_;  ///< z·d. Shape: samples.
  std::vector<double> base_;
  double proximal_ = kProximal;
  double width_ = 1.0;                ///< δ_j h_j.
  double objective_ = 0.0;            ///< P.
  double gap_ = 0.0;                  ///< With α scaled into the box.
  double largest_gradient_ = 0.0;     ///< ‖g‖∞; u has the same unit.
  bool settled_ = false;              ///< The stage's problem is solved.
  int steps_of_stage_ = 0;
  std::int64_t steps_ = 0;
  double last_gap_ = std::numeric_limits<double>::infinity();  ///< At the end of the last stage.
  int stalled_stages_ = 0;
  L1Point best_;
};

void Search::ComputeResiduals() {
  rows_.Margins(weights_, residuals_);
  double* const r = residuals_.data();
  rows_.ForEach([&](SampleBlock s) {
    for (std::size_t i = s.begin; i < s.end; ++i) r[i] = 1.0 - r[i];
  });
}

/// Computes gradient, objective and gap at the current point.
void Search::Evaluate() {
  const double* const r = residuals_.data();
  rows_.Pull(
      [&](SampleBlock s, double* out) {
        for (std::size_t i = s.begin; i < s.end; ++i) out[i - s.begin] = r[i] > 0.0 ? 2.0 * costs_[i] * r[i] : 0.0;
      },
      gradient_);
  const std::array<double, 2> sums = rows_.Sum<2>([&](SampleBlock s, double* partial) {
    for (std::size_t i = s.begin; i < s.end; ++i) {
      if (!(r[i] > 0.0)) continue;
      partial[0] += costs_[i] * r[i] * r[i];
      partial[1] += 2.0 * costs_[i] * r[i];
    }
  });
  double norm = 0.0;
  double largest = 0.0;
  largest_gradient_ = 0.0;
  for (std::size_t k = 0; k < gradient_.size(); ++k) {
    norm += std::abs(weights_[k]);
    largest = std::max(largest, std::abs(gradient_[k]));
    gradient_[k] = Multiplier(k) + Proximal(k) * (weights_[k] - anchor_[k]) - gradient_[k];
    largest_gradient_ = std::max(largest_gradient_, std::abs(gradient_[k]));
  }
  double factor = largest > 1.0 ? 1.0 / largest : 1.0;
  if (sums[0] > 0.0) factor = std::min(factor, sums[1] / (2.0 * sums[0]));
  objective_ = norm + sums[0];
  gap_ = norm + (sums[0] - factor * sums[1]) + factor * factor * sums[0] +
         L1Doubt(weights_, scale_, costs_sum_) * objective_;
}

/// One Newton step. Result: false when H does not fit into doubles.
bool Search::Step() {
  const std::size_t order = rows_.order();
  std::vector<double> diagonal(order);
  for (std::size_t k = 0; k < order; ++k) {
    diagonal[k] = Proximal(k) + (std::abs(Free(k)) < 1.0 ? base_[k] / width_ : 0.0);
  }
  double* const r = residuals_.data();
  const double* const m = margin_steps_.data();
  if (!system_.Factor(diagonal, [this, r](SampleBlock s, double* out) {
        for (std::size_t i = s.begin; i < s.end; ++i) out[i - s.begin] = r[i] > 0.0 ? 2.0 * costs_[i] : 0.0;
      })) {
    return false;
  }
  step_ = gradient_;
  system_.Solve(step_, kIterativeAccuracy);
  for (double& component : step_) component = -component;
  rows_.Margins(step_, margin_steps_);

  // Whether a full step leaves every sample and every weight on its piece.
  std::array<double, 1> changes = rows_.Sum<1>([&](SampleBlock s, double* partial) {
    for (std::size_t i = s.begin; i < s.end; ++i) {
      if ((r[i] > 0.0) != (r[i] - m[i] > 0.0)) partial[0] += 1.0;
    }
  });
  for (std::size_t k = 0; k < order; ++k) {
    const double from = Free(k);
    const double to = from + step_[k] * (base_[k] / width_);
    if ((from > -1.0) != (to > -1.0) || (from < 1.0) != (to < 1.0)) changes[0] += 1.0;
  }
  const double slope_at_zero = Dot(gradient_, step_);
  double t = 1.0;
  if (changes[0] > 0.0 || !system_.direct()) {
    t = FindZeroSlope(slope_at_zero, [&](double at) {
      const std::array<double, 2> sums = rows_.Sum<2>([&](SampleBlock s, double* partial) {
        double pull = 0.0;
        double curvature = 0.0;
        for (std::size_t i = s.begin; i < s.end; ++i) {
          const double residual = r[i] - at * m[i];
          if (!(residual > 0.0)) continue;
          pull += 2.0 * costs_[i] * residual * m[i];
          curvature += 2.0 * costs_[i] * m[i] * m[i];
        }
        partial[0] += pull;
        partial[1] += curvature;
      });
      Slope slope{-sums[0], sums[1]};
      for (std::size_t k = 0; k < order; ++k) {
        const double d = step_[k];
        const double free = Free(k) + at * d * (base_[k] / width_);
        slope.value += d * (std::clamp(free, -1.0, 1.0) + Proximal(k) * (weights_[k] + at * d - anchor_[k]));
        slope.curvature += d * d * (Proximal(k) + (std::abs(free) < 1.0 ? base_[k] / width_ : 0.0));
      }
      return slope;
    });
  }
  settled_ = (changes[0] == 0.0 && system_.direct()) || !(-slope_at_zero > kInvisible * objective_);
  for (std::size_t k = 0; k < order; ++k) weights_[k] += t * step_[k];
  rows_.ForEach([&](SampleBlock s) {
    for (std::size_t i = s.begin; i < s.end; ++i) r[i] -= t * m[i];
  });
  ++steps_;
  ++steps_of_stage_;
  return true;
}

/// Takes the stage's u and w̃ for the next one, looks whether the signs of u are those of the optimum, and chooses the
/// next width.
void Search::EndStage(double target) {
  const std::size_t order = rows_.order();
  std::vector<double> curvatures(order);
  std::size_t turned = 0;  // weights whose sign, or being 0, is not what it was a stage before
  for (std::size_t k = 0; k < order; ++k) {
    const double u = Multiplier(k);
    if ((u >= 1.0) != (multipliers_[k] >= 1.0) || (u <= -1.0) != (multipliers_[k] <= -1.0)) ++turned;
    multipliers_[k] = u;
    curvatures[k] = base_[k] / width_;
  }
  anchor_ = weights_;
  ComputeResiduals();  // without what adding up steps has rounded
  const L1Guess guess{weights_, multipliers_, curvatures, scale_, costs_sum_, gap_};
  L1Point point{.weights = weights_, .rounded_off = {}, .objective = objective_, .gap = gap_};
  // Where a step is cheap, every guess is tried; else only one that seems to last.
  if (system_.direct() || turned <= order / kSettledShare || stalled_stages_ > 1) {
    L1Point polished = PolishL1(problem_, run_, rows_, system_, guess, target);
    steps_ += polished.steps;
    if (!(gap_ < polished.gap)) point = std::move(polished);
    if (point.gap > target * point.objective && gap_ <= kAlmost * objective_) {
      L1Point refined = RefineL1(problem_, run_, rows_, system_, guess, target);
      steps_ += refined.steps;
      if (refined.gap < point.gap) point = std::move(refined);
    }
  }
  const double gap = std::min(gap_, point.gap);
  const bool small = gap <= kSmall * objective_;
  stalled_stages_ = gap > 0.5 * best_.gap ? stalled_stages_ + 1 : 0;
  if (point.gap < best_.gap) best_ = std::move(point);
  if (!settled_ && steps_of_stage_ >= kMostStepsOfStage) {
    width_ *= 10.0;  // so narrow that rounding moves weights from piece to piece
  } else if (gap > 0.01 * last_gap_ || !small) width_ /= steps_of_stage_ <= 3 ? 100.0 : 10.0;
  last_gap_ = gap;
  steps_of_stage_ = 0;
  settled_ = false;
}

BinarySolution Search::Best() const {
  return {.weights = best_.weights, .dual = {}, .rounded_off = best_.rounded_off, .steps = steps_};
}

// In the fast mode the kinks are as narrow as a change of 1 in u takes by the data's curvature alone; in the careful
// mode they start as wide as a weight may be that makes a margin of 1.
void Search::StartCarefully() {
  for (std::size_t k = 0; k < base_.size(); ++k) base_[k] = std::sqrt(scale_[k] / costs_sum_);
  proximal_ = 1.0;
  width_ = 1.0;
  std::ranges::fill(weights_, 0.0);
  std::ranges::fill(anchor_, 0.0);
  std::ranges::fill(multipliers_, 0.0);
  std::ranges::fill(residuals_, 1.0);
  last_gap_ = std::numeric_limits<double>::infinity();
  stalled_stages_ = 0;
  steps_of_stage_ = 0;
  settled_ = false;
}

bool Search::Run(double target, std::int64_t most_steps) {
  most_steps += steps_;
  Evaluate();
  while (true) {
    run_.Report(steps_, gap_ / objective_);
    if (!Step()) return false;
    Evaluate();
    if (!settled_ && steps_of_stage_ < kMostStepsOfStage && largest_gradient_ > kLargestGradient &&
        steps_ < most_steps) {
      continue;
    }
    EndStage(target);
    if (best_.gap <= target * best_.objective || stalled_stages_ >= kMostStalledStages || steps_ >= most_steps) break;
    Evaluate();
  }
  run_.Report(steps_, relative_gap());
  return true;
}

/// Search on the whole of `problem`, from `start` unless that is empty.
Result<BinarySolution> SearchAll(const BinaryProblem& problem, std::span<const double> start, const SolverRun& run,
                                 double target) {
  Search search(problem, run);
  if (!start.empty()) search.StartAt(start);
  bool fits = search.Run(target, problem.feature_count() <= kLargestDirect ? kFastSteps : kFastIterativeSteps);
  if (fits && !(search.relative_gap() <= target)) {
    search.StartCarefully();
    fits = search.Run(target, kMostSteps);
  }
  if (!fits) {
    return Fail(ErrorCode::kBadData,
                "the features times the cost are too large for double precision: scale them down");
  }
  return search.Best();
}

/// `run` for a solver whose steps come after `steps` others, of a part of the table: what is left of that says nothing
/// of the whole.
SolverRun Within(const SolverRun& run, std::int64_t steps) {
  return {run.team, [&run, steps](std::int64_t step, double) { run.Report(steps + step, 1.0); }};
}

/// |Σ α z_j| with α = 2 C max(0, r), for every feature: above 1, it should have a weight.
std::vector<double> Pulls(const BinaryProblem& problem, const HingeRows& rows, std::span<const double> weights) {
  std::vector<double> residuals(rows.samples());
  rows.Margins(weights, residuals);
  std::vector<double> pull(rows.order());
  rows.Pull(
      [&](SampleBlock s, double* out) {
        for (std::size_t i = s.begin; i < s.end; ++i) {
          out[i - s.begin] = 2.0 * problem.costs[i] * std::max(0.0, 1.0 - residuals[i]);
        }
      },
      pull);
  for (double& component : pull) component = std::abs(component);
  return pull;
}

/// Search on a part of the features, which grows by those that turn out to miss there. Where the part would be most of
/// the table, on that.
Result<BinarySolution> SearchFeatures(const BinaryProblem& problem, const BinarySolution& start, const SolverRun& run,
                                      double target) {
  const HingeRows rows(problem, run);
  const L1Columns columns(problem);
  const std::size_t features = problem.feature_count();
  BinarySolution reached = start;
  std::vector<bool> chosen(features);
  double enough = 0.0;
  while (true) {
    const std::vector<double> pull = Pulls(problem, rows, reached.weights);
    if (enough == 0.0) {  // at first about as many without a weight as with one
      std::vector<double> without;
      for (std::size_t j = 0; j < features; ++j) {
        if (reached.weights[j] == 0.0) without.push_back(pull[j]);
      }
      const std::size_t rank = std::min(features - without.size(), without.size());
      std::ranges::sort(without, std::greater<>());
      enough = std::max(kNearlyPulled, rank < without.size() ? without[rank] : 0.0);
    }
    std::vector<std::size_t> part;
    bool grown = false;
    for (std::size_t j = 0; j < features; ++j) {
      const bool misses = pull[j] > enough && !chosen[j];
      grown = grown || misses;
      if (misses || reached.weights[j] != 0.0) chosen[j] = true;
      if (chosen[j]) part.push_back(j);
    }
    if (reached.steps > start.steps && !grown) return reached;
    if (part.size() > features / 4 * 3) break;
    const Matrix matrix = columns.Part(part);
    const BinaryProblem inner{matrix, problem.signs, problem.costs, problem.intercept};
    part.push_back(features);
    std::vector<double> from;
    for (const std::size_t j : part) from.push_back(reached.weights[j]);
    const Result<BinarySolution> found = SearchAll(inner, from, Within(run, reached.steps), target);
    if (!found) return found;
    BinarySolution next{.weights = std::vector<double>(features + 1, 0.0),
                        .dual = {},
                        .rounded_off = std::vector<double>(found->rounded_off.empty() ? 0 : features + 1, 0.0),
                        .steps = reached.steps + found->steps};
    for (std::size_t k = 0; k < part.size(); ++k) {
      next.weights[part[k]] = found->weights[k];
      if (!found->rounded_off.empty()) next.rounded_off[part[k]] = found->rounded_off[k];
    }
    reached = std::move(next);
    enough = 1.0;
  }
  const std::int64_t steps = reached.steps;
  const SolverRun after{run.team, [&](std::int64_t step, double left) { run.Report(steps + step, left); }};
  Result<BinarySolution> solution = SearchAll(problem, reached.weights, after, target);
  if (solution) solution->steps += steps;
  return solution;
}

Result<BinarySolution> Solve(const BinaryProblem& problem, const SolverRun& run, double target) {
  const std::size_t samples = problem.samples();
  if (samples >= kFewestSamples && samples / kFewestOfFeature > problem.feature_count()) {
    const HingeSubset subset(problem, ScatteredSamples(samples), double{kSampleRate});
    const Result<BinarySolution> rough = Solve(subset.problem(), Within(run, 0), kRoughTarget);
    if (!rough) return rough;
    const SolverRun after{run.team, [&](std::int64_t step, double left) { run.Report(rough->steps + step, left); }};
    Result<BinarySolution> solution = SearchAll(problem, rough->weights, after, target);
    if (solution) solution->steps += rough->steps;
    return solution;
  }
  if (problem.feature_count() > kMany || problem.feature_count() > samples) {
    L1Descent descent = DescendL1(problem, std::max(target, kDescentTarget), run);
    BinarySolution reached{.weights = std::move(descent.point.weights),
                           .dual = {},
                           .rounded_off = std::move(descent.point.rounded_off),
                           .steps = descent.point.steps};
    if (descent.done) return reached;
    if (reached.weights.empty()) reached.weights.assign(problem.feature_count() + 1, 0.0);
    return SearchFeatures(problem, reached, run, target);
  }
  return SearchAll(problem, {}, run, target);
}

}  // namespace

Result<BinarySolution> SolveL1(const BinaryProblem& problem, const SolverRun& run) {
  double least = 1.0;
  const SolverRun falling{run.team, [&](std::int64_t step, double left) {
                            if (left < least) least = left;
                            run.Report(step, least);
                          }};
  return Solve(problem, falling, kTarget);
}

}  // namespace iris
