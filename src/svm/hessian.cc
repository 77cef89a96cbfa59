// SPDX-License-Identifier: Apache-2.0

#include "src/svm/hessian.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "src/svm/cholesky.h"
#include "src/svm/rotations.h"
#include "src/svm/row_products.h"

namespace iris {
namespace {

constexpr std::size_t kMostForPartials = 128;  // order up to which each block of samples has partial sums of its own
constexpr std::size_t kChunk = 256;            // samples that all panels take together, while they stay in the cache
constexpr std::size_t kPanel = 16;             // rows of the triangle for one thread
constexpr double kMostCancelled = 1e-3;        // of a diagonal element: below that, sums are made afresh

/// Adds samples with factors to rows of a triangle, four at a time; those that wait are on their way to the cache.
class DenseSums {
 public:
  DenseSums(std::size_t order, double intercept) : order_(order), intercept_(intercept) {}

  void Add(std::span<const double> x, double factor, std::size_t first, std::size_t end, double* upper) {
    Prefetch(x);
    four_.z[filled_] = x.data();
    four_.factors[filled_++] = factor;
    if (filled_ == 4) Flush(first, end, upper);
  }

  void Flush(std::size_t first, std::size_t end, double* upper) {
    if (filled_ == 0) return;
    for (; filled_ < 4; ++filled_) {
      four_.z[filled_] = four_.z[0];
      four_.factors[filled_] = 0.0;
    }
    const std::size_t last = order_ - 1;
    const std::size_t features_end = std::min(end, last);
    AddOuterProducts(four_, last, order_, first, features_end, upper);
    const auto& [z, f] = four_;
    for (std::size_t a = first; a < features_end; ++a) {
      const double sum = (f[0] * z[0][a] + f[1] * z[1][a]) + (f[2] * z[2][a] + f[3] * z[3][a]);
      upper[a * order_ + last] += sum * intercept_;
    }
    if (end == order_) upper[last * order_ + last] += ((f[0] + f[1]) + (f[2] + f[3])) * (intercept_ * intercept_);
    filled_ = 0;
  }

 private:
  std::size_t order_;
  double intercept_;
  FourVectors four_{};
  std::size_t filled_ = 0;
};

/// The same for sparse samples, element by element.
class SparseSums {
 public:
  SparseSums(std::size_t order, double intercept) : order_(order), intercept_(intercept) {}

  void Add(const SparseRow& x, double factor, std::size_t first, std::size_t end, double* upper) const {
    const double* const values = x.values.data();
    const std::uint32_t* const columns = x.columns.data();
    const std::size_t size = x.values.size();
    std::size_t j = static_cast<std::size_t>(std::lower_bound(columns, columns + size, first) - columns);
    for (; j < size && columns[j] < end; ++j) {
      double* const row = upper + columns[j] * order_;
      const double scaled = factor * values[j];
      for (std::size_t l = j; l < size; ++l) row[columns[l]] += scaled * values[l];
      row[order_ - 1] += scaled * intercept_;
    }
    if (end == order_) upper[order_ * order_ - 1] += factor * intercept_ * intercept_;
  }

  void Flush(std::size_t, std::size_t, double*) {}

 private:
  std::size_t order_;
  double intercept_;
};

DenseSums SumsFor(const DenseMatrix&, std::size_t order, double intercept) { return {order, intercept}; }
SparseSums SumsFor(const SparseMatrix&, std::size_t order, double intercept) { return {order, intercept}; }

}  // namespace

Hessian::Hessian(const BinaryProblem& problem, ThreadTeam& team)
    : problem_(problem),
      team_(team),
      blocks_(problem.features),
      order_(problem.feature_count() + 1),
      sum_(order_ * order_),
      largest_(order_),
      upper_(order_ * order_),
      summed_(problem.samples()) {}

bool Hessian::Factor(std::span<const double> residuals) {
  const bool kept = FewHaveChanged(residuals);
  if (kept) Accumulate(residuals);
  if (!kept || Lost()) {
    std::ranges::fill(sum_, 0.0);
    std::ranges::fill(largest_, 0.0);
    std::ranges::fill(summed_, std::uint8_t{0});
    changes_ = 0;
    Accumulate(residuals);
    if (Lost()) return false;
  }
  upper_ = sum_;
  for (std::size_t j = 0; j < order_; ++j) upper_[j * order_ + j] += 1.0;
  if (!FactorCholesky(order_, upper_, team_)) FactorByRotations(problem_, residuals, blocks_, team_, upper_);
  return true;
}

/// Whether it takes less work to bring the sum up to date than to make it afresh, and does not pile up rounding errors.
bool Hessian::FewHaveChanged(std::span<const double> residuals) {
  const double* const r = residuals.data();
  const std::uint8_t* const summed = summed_.data();
  std::size_t active = 0;
  std::size_t changed = 0;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    const std::uint8_t now = r[i] > 0.0 ? 1 : 0;
    active += now;
    changed += now ^ summed[i];
  }
  changes_ += changed;
  return 2 * changed < active && changes_ < 4 * active;
}

/// Whether the diagonal is no longer finite, or has shrunk so much that what was taken away has left mostly rounding
/// errors. Takes note of its largest values.
bool Hessian::Lost() const {
  for (std::size_t j = 0; j < order_; ++j) {
    const double diagonal = sum_[j * order_ + j];
    if (!std::isfinite(diagonal) || diagonal < kMostCancelled * largest_[j]) return true;
  }
  return false;
}

void Hessian::Accumulate(std::span<const double> residuals) {
  if (order_ <= kMostForPartials) {
    AccumulateByBlocks(residuals);
  } else {
    AccumulateByPanels(residuals);
  }
  const double* const r = residuals.data();
  std::uint8_t* const summed = summed_.data();
  for (std::size_t i = 0; i < residuals.size(); ++i) summed[i] = r[i] > 0.0 ? 1 : 0;
  for (std::size_t j = 0; j < order_; ++j) largest_[j] = std::max(largest_[j], sum_[j * order_ + j]);
}

void Hessian::AccumulateByBlocks(std::span<const double> residuals) {
  const double* const r = residuals.data();
  const std::uint8_t* const summed = summed_.data();
  const double* const costs = problem_.costs.data();
  std::visit(
      [&](const auto& features) {
        blocks_.Sum(team_, sum_.size(), sum_.data(), partials_, [&](SampleBlock block, double* partial) {
          auto sums = SumsFor(features, order_, problem_.intercept);
          for (std::size_t i = block.begin; i < block.end; ++i) {
            const int change = (r[i] > 0.0 ? 1 : 0) - summed[i];
            if (change != 0) sums.Add(features.row(i), 2.0 * change * costs[i], 0, order_, partial);
          }
          sums.Flush(0, order_, partial);
        });
      },
      problem_.features);
}

void Hessian::AccumulateByPanels(std::span<const double> residuals) {
  std::vector<std::size_t> changed;
  const std::size_t samples = residuals.size();
  const std::size_t panels = (order_ + kPanel - 1) / kPanel;
  std::visit(
      [&](const auto& features) {
        for (std::size_t i = 0; i < samples;) {
          changed.clear();
          for (; i < samples && changed.size() < kChunk; ++i) {
            if ((residuals[i] > 0.0 ? 1 : 0) != summed_[i]) changed.push_back(i);
          }
          if (changed.empty()) break;
          team_.ForEach(panels, [&](std::size_t panel) {
            const std::size_t first = panel * kPanel;
            const std::size_t end = std::min(order_, first + kPanel);
            auto sums = SumsFor(features, order_, problem_.intercept);
            for (const std::size_t sample : changed) {
              const double factor = (residuals[sample] > 0.0 ? 2.0 : -2.0) * problem_.costs[sample];
              sums.Add(features.row(sample), factor, first, end, sum_.data());
            }
            sums.Flush(first, end, sum_.data());
          });
        }
      },
      problem_.features);
}

bool Hessian::IsFor(std::span<const double> residuals) const {
  const double* const r = residuals.data();
  const std::uint8_t* const summed = summed_.data();
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    if ((r[i] > 0.0) != (summed[i] != 0)) return false;
  }
  return true;
}

void Hessian::Solve(std::span<double> vector) const { SolveCholesky(order_, upper_, vector); }

}  // namespace iris
