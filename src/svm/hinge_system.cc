// SPDX-License-Identifier: Apache-2.0

#include "src/svm/hinge_system.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace iris {
namespace {

constexpr std::size_t kPanel = 4;                    // rows of R that share one pass over the rest of the triangle
constexpr std::size_t kWorthThreads = 256;           // rows of that rest
constexpr std::size_t kRowsAtOnce = 32;              // and how many of them a thread takes
constexpr std::size_t kMostIterations = 500;         // of conjugate gradients: then the direction is what it is
constexpr std::size_t kChunk = 256;

double Dot(const std::vector<double>& a, const std::vector<double>& b) {
  const double* const x = a.data();
  const double* const y = b.data();
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += x[k] * y[k];
  return sum;
}

}  // namespace

HingeSystem::HingeSystem(const HingeRows& rows, ThreadTeam& team, std::size_t largest_direct)
    : rows_(rows), team_(team), order_(rows.order()), direct_(order_ <= largest_direct + 1) {}

bool HingeSystem::Factor(std::span<const double> diagonal, HingeRows::Coefficients theta) {
  theta_ = std::move(theta);
  diagonal_.assign(diagonal.begin(), diagonal.end());
  whole_diagonal_.resize(order_);
  if (direct_) {
    rows_.Gram(theta_, upper_);
    for (std::size_t j = 0; j < order_; ++j) {
      upper_[j * order_ + j] += diagonal_[j];
      whole_diagonal_[j] = upper_[j * order_ + j];
    }
  } else {
    rows_.GramDiagonal(theta_, whole_diagonal_);
    for (std::size_t j = 0; j < order_; ++j) whole_diagonal_[j] += diagonal_[j];
  }
  for (const double element : whole_diagonal_) {
    if (!std::isfinite(element)) return false;
  }
  if (direct_ && !Cholesky()) Rotate();
  return true;
}

void HingeSystem::Solve(std::span<double> v, double accuracy) const {
  if (!direct_) {
    Iterate(v, accuracy);
    return;
  }
  double* const x = v.data();
  for (std::size_t k = 0; k < order_; ++k) {
    const double* const row = upper_.data() + k * order_;
    x[k] /= row[k];
    const double value = x[k];
    for (std::size_t b = k + 1; b < order_; ++b) x[b] -= value * row[b];
  }
  for (std::size_t k = order_; k-- > 0;) {
    const double* const row = upper_.data() + k * order_;
    double sum = x[k];
    for (std::size_t b = k + 1; b < order_; ++b) sum -= row[b] * x[b];
    x[k] = sum / row[k];
  }
}

// False when a pivot has lost all but the last digits of its diagonal element: squaring the samples was then one
// squaring too many. Scaling a feature scales both sides of the comparison, so badly scaled features alone do not trip
// it.
bool HingeSystem::Cholesky() {
  const double smallest = 16.0 * static_cast<double>(order_) * std::numeric_limits<double>::epsilon();
  double* const upper = upper_.data();
  for (std::size_t first = 0; first < order_; first += kPanel) {
    const std::size_t last = std::min(order_, first + kPanel);
    for (std::size_t k = first; k < last; ++k) {
      double* const __restrict row = upper + k * order_;
      for (std::size_t m = first; m < k; ++m) {
        const double* const above = upper + m * order_;
        const double factor = above[k];
        for (std::size_t b = k; b < order_; ++b) row[b] -= factor * above[b];
      }
      if (!(row[k] > smallest * whole_diagonal_[k])) return false;
      const double root = std::sqrt(row[k]);
      for (std::size_t b = k; b < order_; ++b) row[b] /= root;
    }
    if (last - first < kPanel) break;
    const double* const r0 = upper + first * order_;
    const double* const r1 = r0 + order_;
    const double* const r2 = r1 + order_;
    const double* const r3 = r2 + order_;
    const auto update = [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        double* const __restrict row = upper + i * order_;
        const double f0 = r0[i];
        const double f1 = r1[i];
        const double f2 = r2[i];
        const double f3 = r3[i];
        for (std::size_t b = i; b < order_; ++b) row[b] -= (f0 * r0[b] + f1 * r1[b]) + (f2 * r2[b] + f3 * r3[b]);
      }
    };
    if (order_ - last < kWorthThreads) {
      update(last, order_);
    } else {
      team_.ForEach((order_ - last + kRowsAtOnce - 1) / kRowsAtOnce, [&](std::size_t piece) {
        const std::size_t begin = last + piece * kRowsAtOnce;
        update(begin, std::min(order_, begin + kRowsAtOnce));
      });
    }
  }
  return true;
}

// The same R without forming H: the triangle of a QR factorisation of √D stacked on √θ Z, built up row by row. R starts
// as √D, and no rotation shrinks its diagonal.
void HingeSystem::Rotate() {
  std::ranges::fill(upper_, 0.0);
  for (std::size_t j = 0; j < order_; ++j) upper_[j * order_ + j] = std::sqrt(diagonal_[j]);
  std::vector<double> sample(order_);
  double* const __restrict z = sample.data();
  double theta[kChunk];
  for (std::size_t begin = 0; begin < rows_.samples(); begin += kChunk) {
    const std::size_t end = std::min(rows_.samples(), begin + kChunk);
    theta_({begin, end}, theta);
    for (std::size_t i = begin; i < end; ++i) {
      if (theta[i - begin] == 0.0) continue;
      rows_.CopyRow(i, std::sqrt(theta[i - begin]), z);
      for (std::size_t j = 0; j < order_; ++j) {
        if (z[j] == 0.0) continue;
        double* const __restrict row = upper_.data() + j * order_;
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
  }
}

void HingeSystem::Iterate(std::span<double> v, double accuracy) const {
  std::vector<double> residual(v.begin(), v.end());
  std::vector<double> x(order_, 0.0);
  std::vector<double> scaled(order_);
  std::vector<double> product(order_);
  const auto precondition = [&] {
    for (std::size_t k = 0; k < order_; ++k) scaled[k] = residual[k] / whole_diagonal_[k];
  };
  precondition();
  std::vector<double> direction = scaled;
  double norm = Dot(residual, scaled);
  const double enough = accuracy * accuracy * norm;
  for (std::size_t iteration = 0; iteration < kMostIterations && norm > enough; ++iteration) {
    rows_.GramProduct(theta_, direction, product);
    for (std::size_t k = 0; k < order_; ++k) product[k] += diagonal_[k] * direction[k];
    const double step = norm / Dot(direction, product);
    for (std::size_t k = 0; k < order_; ++k) {
      x[k] += step * direction[k];
      residual[k] -= step * product[k];
    }
    precondition();
    const double next = Dot(residual, scaled);
    const double turn = next / norm;
    norm = next;
    for (std::size_t k = 0; k < order_; ++k) direction[k] = scaled[k] + turn * direction[k];
  }
  std::ranges::copy(x, v.begin());
}

}  // namespace iris
