// SPDX-License-Identifier: Apache-2.0
//
// Dual coordinate descent for the linear SVM with hinge, with Newton steps.
//
// Objective    ½‖Σ α_i z_i‖² − Σ α_i, the negative dual of hinge.cc
// Constraints  0 ≤ α_i ≤ C_i
// Inputs       as in hinge.cc; for tables with many features
// Method       One α_i at a time, to the minimum along it: with w̃ = Σ α_i z_i at hand, the derivative is G = z_i·w̃ −
//              1 and the step −G / ‖z_i‖², clipped; a visit touches only what the sample stores. The order is shuffled
//              anew in each pass. Samples at a bound whose derivative pushes them against it harder than any violation
//              of the last pass are left out (shrinking) until the others have converged.
//              Every ten passes, or where a violation has been reached, a Newton step over the face of the box on
//              which α lies (hinge_face.cc): descent finds the face soon, but the point on it only slowly, which the
//              step finds at once. By factorisation, that takes no more work than descent has taken so far.
// Stops        The largest violation is driven below 0.1, then 0.01, and so on; whenever all samples are there, and
//              after the Newton steps, the duality gap is computed. Ends at the target (and where the gap is also small
//              beside ½‖w̃‖²: with tiny features P is flat, and 0 has no gap, but w̃ a direction); where rounding holds
//              the gap up, it no longer halves; or when the work of kMostPasses passes is done. hinge.cc goes on where
//              the gap is not good enough then.
// Result       w̃ (computed afresh from α), α, passes
// Complexity   a pass: 4 operations for each stored value; memory: 2 numbers and an index a sample, and that of the
//              Newton steps; 20 to 200 passes
// Source       C.-J. Hsieh, K.-W. Chang, C.-J. Lin, S. S. Keerthi, S. Sundararajan, "A dual coordinate descent method
//              for large-scale linear SVM", ICML (2008).

#include "src/svm/hinge_coordinates.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>
#include <variant>
#include <vector>

#include "src/svm/hinge_face.h"
#include "src/svm/hinge_rows.h"

namespace iris {
namespace {

constexpr std::size_t kMostPasses = 400;
constexpr std::int64_t kPassesOfRound = 10;  // then a step over the face, if not earlier
constexpr int kMostStalled = 5;
constexpr double kSmall = 1e-9;              // relative gap below which rounding may be what holds it up
constexpr double kNearlyThere = 1e-6;        // relative gap at which it may be those of a few samples
constexpr double kRounding = 1e-9;           // of a residual
constexpr double kAcceptable = 1e-11;        // and at which it may stay
constexpr double kWeightsAccuracy = 1e-6;    // gap as a share of ½‖w̃‖²
constexpr double kFirstViolation = 0.1;
constexpr double kLeastViolation = 1e-14;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct StoredRow {
  const std::uint32_t* columns;  ///< Null: all of them.
  const double* values;
  std::size_t count;
};

StoredRow Row(const DenseMatrix& matrix, std::size_t i) {
  return {nullptr, matrix.values.data() + i * matrix.columns, matrix.columns};
}
StoredRow Row(const SparseMatrix& matrix, std::size_t i) {
  const std::size_t begin = matrix.starts[i];
  return {matrix.indices.data() + begin, matrix.values.data() + begin, matrix.starts[i + 1] - begin};
}

class Descent {
 public:
  Descent(const BinaryProblem& problem, const SolverRun& run)
      : problem_(problem),
        run_(run),
        rows_(problem, run),
        face_(problem, run),
        weights_(rows_.order(), 0.0),
        dual_(rows_.samples(), 0.0),
        squares_(rows_.samples()),
        order_(rows_.samples()) {
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::visit([&](const auto& matrix) { SquareRows(matrix); }, problem.features);
  }

  CoordinateDescent Run(double target) {
    target_ = target;
    double violation = kFirstViolation;
    std::size_t visits = 0;
    std::size_t visits_at_face = 0;
    std::size_t factored = 0;
    std::int64_t passes_at_face = 0;
    std::size_t active = order_.size();
    double shrink_above = kInfinity;
    double shrink_below = -kInfinity;
    while (visits + factored < kMostPasses * order_.size()) {
      visits += active;
      ++passes_;
      Shuffle(active);
      Range range;
      std::visit([&](const auto& matrix) { range = Pass(matrix, active, shrink_above, shrink_below); },
                 problem_.features);
      run_.Report(passes_, least_left_);
      const bool converged = range.highest - range.lowest <= violation;
      if (converged && active == order_.size()) {
        Settle();
        if (done_ || violation <= kLeastViolation) break;
        violation *= 0.1;
      }
      if (passes_ - passes_at_face >= kPassesOfRound || (converged && passes_ - passes_at_face >= kPassesOfRound / 3)) {
        const std::size_t allowed = std::max(visits, factored) - factored;
        factored += face_.Step(dual_, weights_, allowed, visits - visits_at_face);
        passes_at_face = passes_;
        visits_at_face = visits;
        Settle();
        if (done_ || Stalls()) break;
        active = order_.size();
      }
      if (converged || active == order_.size()) {
        active = order_.size();
        shrink_above = kInfinity;
        shrink_below = -kInfinity;
        continue;
      }
      shrink_above = range.highest > 0.0 ? range.highest : kInfinity;
      shrink_below = range.lowest < 0.0 ? range.lowest : -kInfinity;
    }
    if (!done_) Settle();
    return {{.weights = std::move(weights_), .dual = std::move(dual_), .rounded_off = {}, .steps = passes_},
            relative_gap_, done_};
  }

 private:
  /// Whether rounding holds the gap up; it may then be good enough as it is.
  bool Stalls() {
    if (relative_gap_ < 0.5 * halved_gap_) {
      halved_gap_ = relative_gap_;
      stalled_ = 0;
      return false;
    }
    if (++stalled_ < kMostStalled || relative_gap_ > kSmall) return false;
    done_ = relative_gap_ <= kAcceptable;
    return true;
  }

  /// The violations of a pass: the derivatives, without those that push against a bound.
  struct Range {
    double highest = -kInfinity;
    double lowest = kInfinity;
  };

  template <typename AnyMatrix>
  void SquareRows(const AnyMatrix& matrix) {
    for (std::size_t i = 0; i < squares_.size(); ++i) {
      const StoredRow row = Row(matrix, i);
      double sum = problem_.intercept * problem_.intercept;
      for (std::size_t k = 0; k < row.count; ++k) sum += row.values[k] * row.values[k];
      squares_[i] = sum;
    }
  }

  // Fisher and Yates; the high bits of a product instead of a remainder (Lemire, ACM TOMACS 29 (2019)).
  void Shuffle(std::size_t active) {
    for (std::size_t s = active; s > 1; --s) {
      const std::uint64_t high = random_() >> 32;
      std::swap(order_[s - 1], order_[static_cast<std::size_t>((high * s) >> 32)]);
    }
  }

  /// One visit to each of the first `active` samples of the order; those to be left out move behind them.
  template <typename AnyMatrix>
  Range Pass(const AnyMatrix& matrix, std::size_t& active, double shrink_above, double shrink_below) {
    Range range;
    double* const w = weights_.data();
    const double beta = problem_.intercept;
    for (std::size_t s = 0; s < active; ++s) {
      const std::size_t i = order_.data()[s];
      const double cost = problem_.costs.data()[i];
      const double sign = problem_.signs.data()[i];
      double& alpha = dual_.data()[i];
      const StoredRow row = Row(matrix, i);
      double decision = beta * w[matrix.columns];
      if (row.columns == nullptr) {
        for (std::size_t k = 0; k < row.count; ++k) decision += w[k] * row.values[k];
      } else {
        for (std::size_t k = 0; k < row.count; ++k) decision += w[row.columns[k]] * row.values[k];
      }
      const double slope = sign * decision - 1.0;
      if ((alpha == 0.0 && slope > shrink_above) || (alpha == cost && slope < shrink_below)) {
        std::swap(order_[s], order_[active - 1]);
        --active;
        --s;
        continue;
      }
      double projected = slope;
      if (alpha == 0.0) projected = std::min(slope, 0.0);
      if (alpha == cost) projected = std::max(slope, 0.0);
      range.highest = std::max(range.highest, projected);
      range.lowest = std::min(range.lowest, projected);
      if (projected == 0.0) continue;
      const double square = squares_.data()[i];
      const double before = alpha;
      alpha = square > 0.0 ? std::clamp(alpha - slope / square, 0.0, cost) : cost;
      const double change = sign * (alpha - before);
      if (row.columns == nullptr) {
        for (std::size_t k = 0; k < row.count; ++k) w[k] += change * row.values[k];
      } else {
        for (std::size_t k = 0; k < row.count; ++k) w[row.columns[k]] += change * row.values[k];
      }
      w[matrix.columns] += change * beta;
    }
    return range;
  }

  /// With a large C, residuals that should be 0 and are a rounding error above it cost more than making w̃ so much
  /// longer that none of them is. Result: by how much, as a share.
  double Nudge(const std::vector<double>& margins, double norm) const {
    double kappa = 0.0;
    for (std::size_t i = 0; i < margins.size(); ++i) {
      const double r = 1.0 - margins.data()[i];
      if (std::abs(r) > kRounding) continue;
      const double magnitude = 1.0 + std::sqrt(squares_.data()[i] * norm);
      kappa = std::max(kappa, r + 4.0 * std::numeric_limits<double>::epsilon() * magnitude);
    }
    return kappa;
  }

  /// Computes w̃ from α afresh, and the gap. Where that is done, w̃ may be a nudge longer.
  void Settle() {
    const double* const alpha = dual_.data();
    rows_.Pull([alpha](SampleBlock s, double* out) { std::copy(alpha + s.begin, alpha + s.end, out); }, weights_);
    std::vector<double> margins(rows_.samples());
    rows_.Margins(weights_, margins);
    double norm = 0.0;
    for (const double weight : weights_) norm += weight * weight;
    const double kappa = Nudge(margins, norm);
    // Of (1 + stretch) w̃ and α.
    const auto look = [&](double stretch) {
      double losses = 0.0;
      double gap = 0.5 * stretch * stretch * norm;
      for (std::size_t i = 0; i < margins.size(); ++i) {
        const double r = 1.0 - (1.0 + stretch) * margins.data()[i];
        const double alpha_i = dual_.data()[i];
        const double cost = problem_.costs.data()[i];
        if (r > 0.0) {
          losses += cost * r;
          gap += (cost - alpha_i) * r;
        } else {
          gap -= alpha_i * r;
        }
      }
      relative_gap_ = gap / (0.5 * norm + losses);
      done_ = relative_gap_ <= target_ && gap <= kWeightsAccuracy * 0.5 * norm;
    };
    look(0.0);
    if (!done_ && relative_gap_ <= kNearlyThere && kappa > 0.0) {
      look(kappa);
      if (done_) {
        for (double& weight : weights_) weight *= 1.0 + kappa;
      } else {
        look(0.0);
      }
    }
    if (relative_gap_ < least_left_) least_left_ = relative_gap_;
    run_.Report(passes_, least_left_);
  }

  const BinaryProblem& problem_;
  const SolverRun& run_;
  HingeRows rows_;
  HingeFace face_;
  std::vector<double> weights_;     ///< w̃ = Σ α z. Shape: order of rows_.
  std::vector<double> dual_;        ///< α. Shape: samples.
  std::vector<double> squares_;     ///< ‖z‖². Shape: samples.
  std::vector<std::size_t> order_;  ///< The samples, those still visited first.
  std::mt19937_64 random_{1};       // the same on every machine
  std::int64_t passes_ = 0;
  double target_ = 0.0;
  double relative_gap_ = 1.0;
  double halved_gap_ = kInfinity;
  int stalled_ = 0;  ///< Steps over the face since the gap last halved.
  double least_left_ = 1.0;
  bool done_ = false;
};

}  // namespace

CoordinateDescent DescendCoordinates(const BinaryProblem& problem, double target, const SolverRun& run) {
  return Descent(problem, run).Run(target);
}

}  // namespace iris
