// SPDX-License-Identifier: Apache-2.0

#include "src/svm/hessian.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace iris {
namespace {

constexpr std::size_t kBlock = 4;  // samples that share one pass over the triangle: a quarter of the memory traffic

}  // namespace

Hessian::Hessian(const BinaryProblem& problem)
    : problem_(problem), order_(problem.feature_count + 1), lower_(order_ * order_), block_(kBlock * order_) {}

bool Hessian::Factor(std::span<const double> residuals) {
  Accumulate(residuals);
  for (std::size_t j = 0; j < order_; ++j) {
    if (!std::isfinite(lower_[j * order_ + j])) return false;
  }
  if (!Cholesky()) Rotate(residuals);
  return true;
}

void Hessian::Accumulate(std::span<const double> residuals) {
  std::ranges::fill(lower_, 0.0);
  const std::size_t samples = problem_.samples();
  std::size_t i = 0;
  while (i < samples) {
    std::size_t filled = 0;
    for (; i < samples && filled < kBlock; ++i) {
      if (!(residuals[i] > 0.0)) continue;
      double* row = block_.data() + filled++ * order_;
      std::copy_n(problem_.sample(i), order_ - 1, row);
      row[order_ - 1] = 1.0;
    }
    std::fill(block_.begin() + static_cast<std::ptrdiff_t>(filled * order_), block_.end(), 0.0);
    const double* const z0 = block_.data();
    const double* const z1 = z0 + order_;
    const double* const z2 = z1 + order_;
    const double* const z3 = z2 + order_;
    for (std::size_t a = 0; a < order_; ++a) {
      double* const row = lower_.data() + a * order_;
      for (std::size_t b = 0; b <= a; ++b) {
        row[b] += (z0[a] * z0[b] + z1[a] * z1[b]) + (z2[a] * z2[b] + z3[a] * z3[b]);
      }
    }
  }
  const double scale = 2.0 * problem_.cost;
  for (std::size_t a = 0; a < order_; ++a) {
    for (std::size_t b = 0; b <= a; ++b) lower_[a * order_ + b] *= scale;
    lower_[a * order_ + a] += 1.0;
  }
}

// False when a pivot has lost all but the last digits of its diagonal element: the features are then so nearly
// collinear, and C so large, that the identity in H has drowned in rounding, and squaring the samples was one squaring
// too many. Scaling a feature scales both sides of the comparison, so badly scaled features alone do not trip it.
bool Hessian::Cholesky() {
  const double smallest = 16.0 * static_cast<double>(order_) * std::numeric_limits<double>::epsilon();
  for (std::size_t i = 0; i < order_; ++i) {
    double* const row = lower_.data() + i * order_;
    const double diagonal = row[i];
    for (std::size_t j = 0; j <= i; ++j) {
      const double* const other = lower_.data() + j * order_;
      double sum = row[j];
      for (std::size_t k = 0; k < j; ++k) sum -= row[k] * other[k];
      if (j < i) {
        row[j] = sum / other[j];
      } else if (!(sum > smallest * diagonal)) {
        return false;
      } else {
        row[i] = std::sqrt(sum);
      }
    }
  }
  return true;
}

// The same L without forming H: Lᵀ is the triangle R of a QR factorisation of the identity stacked on √(2C) X, built
// up row by row with Givens rotations (Golub and Van Loan, Matrix Computations, 5.2.5 and 6.5.3). Loses half as many
// digits; six times the work, so only where Cholesky gave up. R starts as the identity, and no rotation shrinks its
// diagonal.
void Hessian::Rotate(std::span<const double> residuals) {
  std::vector<double> upper(order_ * order_, 0.0);
  for (std::size_t j = 0; j < order_; ++j) upper[j * order_ + j] = 1.0;
  const double scale = std::sqrt(2.0 * problem_.cost);
  double* const z = block_.data();
  for (std::size_t i = 0; i < problem_.samples(); ++i) {
    if (!(residuals[i] > 0.0)) continue;
    const double* const x = problem_.sample(i);
    for (std::size_t k = 0; k + 1 < order_; ++k) z[k] = scale * x[k];
    z[order_ - 1] = scale;
    for (std::size_t j = 0; j < order_; ++j) {
      if (z[j] == 0.0) continue;
      double* const row = upper.data() + j * order_;
      const double length = std::sqrt(row[j] * row[j] + z[j] * z[j]);
      const double cosine = row[j] / length;
      const double sine = z[j] / length;
      row[j] = length;
      for (std::size_t k = j + 1; k < order_; ++k) {
        const double above = row[k];
        row[k] = cosine * above + sine * z[k];
        z[k] = cosine * z[k] - sine * above;
      }
    }
  }
  for (std::size_t a = 0; a < order_; ++a) {
    for (std::size_t b = 0; b <= a; ++b) lower_[a * order_ + b] = upper[b * order_ + a];
  }
}

void Hessian::Solve(std::span<double> vector) const {
  double* const v = vector.data();
  for (std::size_t i = 0; i < order_; ++i) {
    const double* const row = lower_.data() + i * order_;
    double sum = v[i];
    for (std::size_t k = 0; k < i; ++k) sum -= row[k] * v[k];
    v[i] = sum / row[i];
  }
  for (std::size_t i = order_; i-- > 0;) {
    const double* const row = lower_.data() + i * order_;
    v[i] /= row[i];
    for (std::size_t k = 0; k < i; ++k) v[k] -= row[k] * v[i];
  }
}

}  // namespace iris
