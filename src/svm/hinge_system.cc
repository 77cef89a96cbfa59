// SPDX-License-Identifier: Apache-2.0

#include "src/svm/hinge_system.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "src/svm/cholesky.h"

namespace iris {
namespace {

constexpr std::size_t kMostIterations = 500;  // of conjugate gradients: then the direction is what it is
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
  if (direct_ && !FactorCholesky(order_, upper_, team_)) Rotate();
  return true;
}

void HingeSystem::Solve(std::span<double> v, double accuracy) const {
  if (!direct_) {
    Iterate(v, accuracy);
    return;
  }
  SolveCholesky(order_, upper_, v);
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
