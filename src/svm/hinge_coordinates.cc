// SPDX-License-Identifier: Apache-2.0
//
// Dual coordinate descent for the linear SVM with hinge.
//
// Objective    ½‖Σ α_i z_i‖² − Σ α_i, the negative dual of hinge.cc
// Constraints  0 ≤ α_i ≤ C_i
// Inputs       as in hinge.cc; for sparse tables with many features
// Method       One α_i at a time, to the minimum along it: with w̃ = Σ α_i z_i at hand, the derivative is G = z_i·w̃ − 1 and
//              the step −G / ‖z_i‖², clipped; a visit touches only what the sample stores. The order is shuffled anew in
//              each pass. Samples at a bound whose derivative pushes them against it harder than any violation of the last
//              pass are left out (shrinking) until the others have converged.
// Stops        The largest violation is driven below 0.1, then 0.01, and so on; whenever all samples are there, the
//              duality gap is computed. Ends at the target, or when as many samples have been visited as kMostPasses
//              passes have: on well-conditioned (text-like) tables that is enough for all digits, on others it stalls, and
//              hinge_lagrangian.cc goes on from there.
// Result       w̃ (computed afresh from α), α, passes
// Complexity   a pass: 4 operations for each stored value; memory: 2 numbers and an index a sample
// Source       C.-J. Hsieh, K.-W. Chang, C.-J. Lin, S. S. Keerthi, S. Sundararajan, "A dual coordinate descent method for
//              large-scale linear SVM", ICML (2008).

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

#include "src/svm/hinge_rows.h"

namespace iris {
namespace {

constexpr std::size_t kMostPasses = 200;
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
        weights_(rows_.order(), 0.0),
        dual_(rows_.samples(), 0.0),
        squares_(rows_.samples()),
        order_(rows_.samples()) {
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::visit([&](const auto& matrix) { SquareRows(matrix); }, problem.features);
  }

  CoordinateDescent Run(double target) {
    double violation = kFirstViolation;
    std::size_t visits = 0;
    std::size_t active = order_.size();
    double shrink_above = kInfinity;
    double shrink_below = -kInfinity;
    while (visits < kMostPasses * order_.size()) {
      visits += active;
      ++passes_;
      Shuffle(active);
      Range range;
      std::visit([&](const auto& matrix) { range = Pass(matrix, active, shrink_above, shrink_below); },
                 problem_.features);
      if (range.highest - range.lowest <= violation) {
        if (active == order_.size()) {
          Settle();
          run_.Report(passes_, relative_gap_);
          if (relative_gap_ <= target || violation <= kLeastViolation) break;
          violation *= 0.1;
        }
        active = order_.size();
        shrink_above = kInfinity;
        shrink_below = -kInfinity;
        continue;
      }
      run_.Report(passes_, relative_gap_);
      shrink_above = range.highest > 0.0 ? range.highest : kInfinity;
      shrink_below = range.lowest < 0.0 ? range.lowest : -kInfinity;
    }
    Settle();
    return {{.weights = std::move(weights_), .dual = std::move(dual_), .rounded_off = {}, .steps = passes_}, relative_gap_};
  }

 private:
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

  /// Computes w̃ from α afresh, and the gap.
  void Settle() {
    rows_.Pull([this](SampleBlock s, double* out) { std::copy(&dual_[s.begin], &dual_[s.begin] + (s.end - s.begin), out); },
               weights_);
    std::vector<double> margins(rows_.samples());
    rows_.Margins(weights_, margins);
    double losses = 0.0;
    double gap = 0.0;
    for (std::size_t i = 0; i < margins.size(); ++i) {
      const double r = 1.0 - margins[i];
      if (r > 0.0) {
        losses += problem_.costs[i] * r;
        gap += (problem_.costs[i] - dual_[i]) * r;
      } else {
        gap -= dual_[i] * r;
      }
    }
    double norm = 0.0;
    for (const double weight : weights_) norm += weight * weight;
    relative_gap_ = gap / (0.5 * norm + losses);
  }

  const BinaryProblem& problem_;
  const SolverRun& run_;
  HingeRows rows_;
  std::vector<double> weights_;     ///< w̃ = Σ α z. Shape: order of rows_.
  std::vector<double> dual_;        ///< α. Shape: samples.
  std::vector<double> squares_;     ///< ‖z‖². Shape: samples.
  std::vector<std::size_t> order_;  ///< The samples, those still visited first.
  std::mt19937_64 random_{1};       // the same on every machine
  std::int64_t passes_ = 0;
  double relative_gap_ = 1.0;
};

}  // namespace

CoordinateDescent DescendCoordinates(const BinaryProblem& problem, double target, const SolverRun& run) {
  return Descent(problem, run).Run(target);
}

}  // namespace iris
