// SPDX-License-Identifier: Apache-2.0
//
// Coordinate descent for the linear SVM with squared hinge and L1 penalty, with Newton steps.
//
// Objective    P of l1.cc
// Constraints  none
// Inputs       as in l1.cc; for tables with many features
// Method       One weight at a time: with the residuals r at hand, a Newton step along it for the loss, exact for the
//              penalty, halved until P falls enough. The order is shuffled anew in each pass. Weights that are 0 and
//              whose derivative is farther within ±1 than the last pass's largest violation are left out (shrinking)
//              until the others have converged.
//              Every ten passes, or where the violations have fallen tenfold, Newton steps of the weights that are not
//              0, on a copy of their columns: descent finds these weights soon, but their optimum only slowly. A step
//              is cut where a weight would change its sign. By factorisation, that takes no more work than descent has
//              taken so far, else it is done by conjugate gradients (hinge_system.h). Near the end PolishL1 adds digits.
// Stops        at a duality gap of the target, or when the work of kMostPasses passes is done; l1.cc goes on from there.
// Result       w̃, what rounding took from it, its gap, passes
// Complexity   a pass: about 8 operations for each stored value; memory: a copy of the table, and one of the columns of
//              the weights that are not 0; up to 2048 of these a matrix of their square (32 MiB)
// Source       G.-X. Yuan, K.-W. Chang, C.-J. Hsieh, C.-J. Lin, "A comparison of optimization methods and software for
//              large-scale L1-regularized linear classification", JMLR 11 (2010) 3183–3234.

#include "src/svm/l1_coordinates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "src/svm/hinge_rows.h"
#include "src/svm/hinge_system.h"
#include "src/svm/l1_columns.h"
#include "src/svm/l1_fine.h"

namespace iris {
namespace {

constexpr std::size_t kMostPasses = 300;
constexpr std::int64_t kPassesOfRound = 10;
constexpr std::size_t kLargestDirect = 2048;
constexpr int kNewtonSteps = 4;
constexpr int kMostHalvings = 20;
constexpr int kProjections = 4;
constexpr double kSufficient = 0.01;     // of the fall that the derivative promises
constexpr double kDamping = 1e-11;       // times the curvature of all samples
constexpr double kAbsent = 1e30;         // the same for a weight that stays 0
constexpr double kIterativeAccuracy = 1e-3;
constexpr double kNearlyThere = 1e-7;    // relative gap from which on digits may be all that is missing
constexpr double kInfinity = std::numeric_limits<double>::infinity();

class Descent {
 public:
  Descent(const BinaryProblem& problem, const SolverRun& run)
      : problem_(problem),
        run_(run),
        rows_(problem, run),
        columns_(problem),
        weights_(rows_.order(), 0.0),
        residuals_(rows_.samples(), 1.0),
        scale_(rows_.order(), 0.0) {
    const double* const costs = problem.costs.data();
    for (std::size_t j = 0; j < scale_.size(); ++j) {
      const L1Columns::Column z = columns_.column(j);
      for (std::size_t k = 0; k < z.count; ++k) {
        scale_[j] += 2.0 * costs[z.samples == nullptr ? k : z.samples[k]] * z.values[k] * z.values[k];
      }
      if (scale_[j] > std::numeric_limits<double>::min()) order_.push_back(j);
    }
    for (const double cost : problem.costs) costs_sum_ += 2.0 * cost;
    best_.gap = kInfinity;
    best_.objective = 1.0;
  }

  L1Descent Run(double target) {
    target_ = target;
    const std::size_t stored = columns_.stored();
    double first = -1.0;
    double level = 0.1;
    double shrink = kInfinity;
    std::int64_t last_round = 0;
    std::size_t active = order_.size();
    while (work_ + extra_ < kMostPasses * stored) {
      ++passes_;
      const bool all = active == order_.size();
      Shuffle(active);
      const Violations seen = Pass(active, shrink);
      if (first < 0.0) first = seen.sum;
      run_.Report(passes_, best_.gap / best_.objective);
      const bool converged = seen.sum <= level * first;
      shrink = seen.largest / static_cast<double>(residuals_.size());
      if (passes_ - last_round >= kPassesOfRound || (converged && all)) {
        last_round = passes_;
        Round();
        run_.Report(passes_, best_.gap / best_.objective);
        if (done()) break;
        if (converged && all) level *= 0.1;
        active = order_.size();
        shrink = kInfinity;
      } else if (converged) {
        active = order_.size();
        shrink = kInfinity;
      }
      if (!std::isfinite(seen.sum) || level < 1e-16) break;
    }
    best_.steps = passes_;
    return {std::move(best_), done()};
  }

 private:
  struct Violations {
    double sum = 0.0;
    double largest = 0.0;
  };

  bool done() const { return best_.gap <= target_ * best_.objective; }

  // Fisher and Yates, as in hinge_coordinates.cc.
  void Shuffle(std::size_t active) {
    for (std::size_t s = active; s > 1; --s) {
      const std::uint64_t high = random_() >> 32;
      std::swap(order_[s - 1], order_[static_cast<std::size_t>((high * s) >> 32)]);
    }
  }

  Violations Pass(std::size_t& active, double shrink) {
    Violations seen;
    for (std::size_t s = 0; s < active; ++s) {
      const std::size_t j = order_.data()[s];
      const L1Columns::Column z = columns_.column(j);
      work_ += z.count;
      const double violation = z.samples == nullptr ? Visit(j, z, shrink, [](std::size_t k) { return k; })
                                                    : Visit(j, z, shrink, [&](std::size_t k) { return z.samples[k]; });
      if (violation < 0.0) {
        std::swap(order_[s], order_[--active]);
        --s;
        continue;
      }
      seen.sum += violation;
      seen.largest = std::max(seen.largest, violation);
    }
    return seen;
  }

  /// Moves one weight. Result: how far it violated its condition, or −1: to be left out.
  template <typename At>
  double Visit(std::size_t j, const L1Columns::Column& z, double shrink, At&& at) {
    double* const r = residuals_.data();
    const double* const costs = problem_.costs.data();
    double pull = 0.0;
    double curvature = 0.0;
    for (std::size_t k = 0; k < z.count; ++k) {
      const double residual = r[at(k)];
      if (!(residual > 0.0)) continue;
      const double cz = costs[at(k)] * z.values[k];
      pull += cz * residual;
      curvature += cz * z.values[k];
    }
    const double slope = -2.0 * pull;
    curvature = std::max(2.0 * curvature, 1e-12 * scale_.data()[j]);
    double& w = weights_.data()[j];
    const double up = slope + 1.0;
    const double down = slope - 1.0;
    double violation = 0.0;
    if (w > 0.0) {
      violation = std::abs(up);
    } else if (w < 0.0) {
      violation = std::abs(down);
    } else if (up < 0.0) {
      violation = -up;
    } else if (down > 0.0) {
      violation = down;
    } else {
      return up > shrink && down < -shrink ? -1.0 : 0.0;
    }
    double d = -w;
    if (up <= curvature * w) {
      d = -up / curvature;
    } else if (down >= curvature * w) {
      d = -down / curvature;
    }
    if (d == 0.0) return violation;
    double promised = std::abs(w + d) - std::abs(w) + slope * d;
    for (int n = 0; n < kMostHalvings; ++n, d *= 0.5, promised *= 0.5) {
      const double rest = std::abs(w + d) - std::abs(w) - kSufficient * promised;
      bool falls = 0.5 * scale_.data()[j] * d * d + slope * d + rest <= 0.0;  // by a bound on the curvature
      if (!falls) {
        double change = 0.0;
        for (std::size_t k = 0; k < z.count; ++k) {
          const double before = std::max(0.0, r[at(k)]);
          const double after = std::max(0.0, r[at(k)] - d * z.values[k]);
          change += costs[at(k)] * (after - before) * (after + before);
        }
        falls = change + rest <= 0.0;
      }
      if (!falls) continue;
      w += d;
      for (std::size_t k = 0; k < z.count; ++k) r[at(k)] -= d * z.values[k];
      break;
    }
    return violation;
  }

  void Round();
  void Newton(const HingeRows& part, HingeSystem& system, const std::vector<double>& scale, std::vector<double>& w);
  void Look(L1Point point);

  const BinaryProblem& problem_;
  const SolverRun& run_;
  HingeRows rows_;
  L1Columns columns_;
  std::vector<double> weights_;     ///< w̃. Shape: order of rows_.
  std::vector<double> residuals_;   ///< r. Shape: samples.
  std::vector<double> scale_;       ///< Σ 2C z². Shape: order of rows_.
  std::vector<std::size_t> order_;  ///< The features that are not 0 throughout, those still visited first.
  std::mt19937_64 random_{1};       // the same on every machine
  double costs_sum_ = 0.0;          ///< Σ 2C.
  double target_ = 0.0;
  std::size_t work_ = 0;   ///< Stored values that descent has visited.
  std::size_t extra_ = 0;  ///< And what factorisations were worth.
  std::int64_t passes_ = 0;
  L1Point best_;
};

/// Newton steps of the weights w of a part of the columns, all but those that are 0 or become 0 on the way.
void Descent::Newton(const HingeRows& part, HingeSystem& system, const std::vector<double>& scale,
                     std::vector<double>& w) {
  const double* const costs = problem_.costs.data();
  const std::size_t order = part.order();
  std::vector<double> pull(order);
  std::vector<double> next(order);
  std::vector<double> r(part.samples());
  const auto objective = [&](std::span<const double> at) {
    part.Margins(at, r);
    double sum = 0.0;
    for (std::size_t i = 0; i < r.size(); ++i) {
      r.data()[i] = 1.0 - r.data()[i];
      if (r.data()[i] > 0.0) sum += costs[i] * r.data()[i] * r.data()[i];
    }
    for (const double weight : at) sum += std::abs(weight);
    return sum;
  };
  double value = objective(w);
  for (int n = 0; n < kNewtonSteps; ++n) {
    part.Pull(
        [&](SampleBlock s, double* out) {
          for (std::size_t i = s.begin; i < s.end; ++i) out[i - s.begin] = 2.0 * costs[i] * std::max(0.0, r.data()[i]);
        },
        pull);
    std::vector<double> diagonal(order);
    for (std::size_t k = 0; k < order; ++k) {
      diagonal[k] = (w[k] == 0.0 ? kAbsent : kDamping) * std::max(scale[k], std::numeric_limits<double>::min());
      pull[k] = w[k] == 0.0 ? 0.0 : pull[k] - std::copysign(1.0, w[k]);
    }
    const bool fits = system.Factor(diagonal, [&](SampleBlock s, double* out) {
      for (std::size_t i = s.begin; i < s.end; ++i) out[i - s.begin] = r.data()[i] > 0.0 ? 2.0 * costs[i] : 0.0;
    });
    if (!fits) return;
    const double before = value;
    system.Solve(pull, kIterativeAccuracy);
    double t = 1.0;
    for (int p = 0; p < kProjections; ++p, t *= 0.5) {
      for (std::size_t k = 0; k < order; ++k) {
        next[k] = w[k] == 0.0 ? 0.0 : w[k] + t * pull[k];
        if (next[k] * w[k] < 0.0) next[k] = 0.0;
      }
      value = objective(next);
      if (value < before) break;
    }
    if (!(value < before)) return;
    w = next;
    if (before - value <= 1e-15 * value) return;
  }
}

/// Newton steps of the weights that are not 0, and a look at how good the point is.
void Descent::Round() {
  std::vector<std::size_t> features;
  std::size_t stored = problem_.samples();
  for (std::size_t j = 0; j + 1 < weights_.size(); ++j) {
    if (weights_[j] == 0.0) continue;
    features.push_back(j);
    stored += columns_.column(j).count;
  }
  const Matrix matrix = columns_.Part(features);
  const BinaryProblem part{matrix, problem_.signs, problem_.costs, problem_.intercept};
  const HingeRows rows(part, run_);
  const std::size_t count = features.size();
  const std::size_t work = (stored / problem_.samples() * stored / 4 + count * count / 12 * count) / 2;
  const bool direct = count <= kLargestDirect && work <= std::max(work_, extra_) - extra_;
  if (direct) extra_ += work;
  features.push_back(weights_.size() - 1);
  std::vector<double> w;
  std::vector<double> scale;
  for (const std::size_t j : features) {
    w.push_back(weights_[j]);
    scale.push_back(scale_[j]);
  }
  const auto spread = [&](std::span<const double> from, std::vector<double>& to) {
    to.assign(weights_.size(), 0.0);
    for (std::size_t f = 0; f < from.size(); ++f) to[features[f]] = from[f];
  };
  HingeSystem system(rows, run_.team, direct ? kLargestDirect : 0);
  Newton(rows, system, scale, w);
  spread(w, weights_);
  rows_.Margins(weights_, residuals_);
  for (double& r : residuals_) r = 1.0 - r;
  Look({.weights = weights_, .rounded_off = {}});
  if (done() || !(best_.gap <= kNearlyThere * best_.objective) || !direct) return;
  std::vector<double> signs;
  for (const double weight : w) signs.push_back(weight > 0.0 ? 1.0 : weight < 0.0 ? -1.0 : 0.0);
  const L1Guess guess{w, signs, scale, scale, costs_sum_, best_.gap};
  const L1Point polished = PolishL1(part, run_, rows, system, guess, target_);
  L1Point point;
  spread(polished.weights, point.weights);
  if (!polished.rounded_off.empty()) spread(polished.rounded_off, point.rounded_off);
  Look(std::move(point));
}

/// Computes a point's objective and gap, and keeps it if it is the best.
void Descent::Look(L1Point point) {
  const std::vector<double> none(point.weights.size(), 0.0);
  double norm = 0.0;
  for (const double weight : point.weights) norm += std::abs(weight);
  double losses = 0.0;
  double alpha = 0.0;
  double largest = 0.0;
  const double doubt = L1Doubt(point.weights, scale_, costs_sum_);
  if (point.rounded_off.empty() && doubt == 0.0) {
    const double* const costs = problem_.costs.data();
    std::vector<double> pull(rows_.order());
    for (std::size_t i = 0; i < residuals_.size(); ++i) {
      const double r = std::max(0.0, residuals_.data()[i]);
      losses += costs[i] * r * r;
      alpha += 2.0 * costs[i] * r;
    }
    rows_.Pull(
        [&](SampleBlock s, double* out) {
          for (std::size_t i = s.begin; i < s.end; ++i) {
            out[i - s.begin] = 2.0 * costs[i] * std::max(0.0, residuals_.data()[i]);
          }
        },
        pull);
    for (const double component : pull) largest = std::max(largest, std::abs(component));
  } else {
    const FinePoint fine =
        LookFinely(problem_, point.weights, point.rounded_off.empty() ? none : point.rounded_off, run_.team);
    losses = fine.losses.value();
    alpha = fine.alpha.value();
    for (const FineNumber& component : fine.pull) largest = std::max(largest, std::abs(component.value()));
  }
  point.objective = norm + losses;
  point.gap = L1Gap(norm, losses, alpha, largest);
  if (point.gap < best_.gap) best_ = std::move(point);
}

}  // namespace

L1Descent DescendL1(const BinaryProblem& problem, double target, const SolverRun& run) {
  return Descent(problem, run).Run(target);
}

}  // namespace iris
