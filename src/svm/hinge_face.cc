// SPDX-License-Identifier: Apache-2.0
//
// A Newton step of the dual of the hinge with the samples at their bounds held there.
//
// Objective    ½‖Σ α_i z_i‖² − Σ α_i over the samples F with 0 < α_i < C_i: quadratic, with the matrix K_ij = z_i·z_j
// Constraints  0 ≤ α_i ≤ C_i
// Inputs       as in hinge.cc, and a point α that coordinate descent has brought to about the right face
// Method       d with K d = 1 − z·w̃ over F: by Cholesky where there are few samples and that is worth it (with so small
//              a diagonal added that samples which depend on others do no harm), else by conjugate gradients, scaled by
//              the diagonal. α + t d is projected into the box for t = 1, ½, ¼; the first that gains as much as going
//              straight to the first bound is taken, else that.
// Stops        after one step; conjugate gradients at a residual of 1e-4, or when their share of the work is done
// Result       α, w̃
// Complexity   |F| × the values stored of F + |F|³ / 6, or 2 × the values stored of F an iteration; memory: a copy of F
//              and at most 2000² numbers (32 MB)
// Source       J. J. Moré and G. Toraldo, "On the solution of large quadratic programming problems with bound
//              constraints", SIAM J. Optimization 1 (1991) 93–113.

#include "src/svm/hinge_face.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "src/svm/cholesky.h"
#include "src/svm/hinge_subset.h"

namespace iris {
namespace {

constexpr std::size_t kLargestFactored = 2000;
constexpr double kRidge = 1e-13;     // of the largest diagonal element
constexpr double kAccuracy = 1e-4;   // of conjugate gradients
constexpr std::size_t kLeastIterations = 5;
constexpr int kProjections = 3;

double Dot(std::span<const double> a, std::span<const double> b) {
  const double* const x = a.data();
  const double* const y = b.data();
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += x[k] * y[k];
  return sum;
}

HingeRows::Coefficients Of(std::span<const double> values) {
  return [values](SampleBlock s, double* out) { std::copy(values.data() + s.begin, values.data() + s.end, out); };
}

}  // namespace

bool HingeFace::Solve(const HingeRows& free, std::span<const double> slopes) {
  const std::size_t count = free.samples();
  std::vector<double> products(count * count);
  std::vector<double> sample(free.order());
  double largest = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    free.CopyRow(i, 1.0, sample.data());
    free.Margins(sample, std::span(products).subspan(i * count, count));
    largest = std::max(largest, products[i * count + i]);
  }
  for (std::size_t i = 0; i < count; ++i) products[i * count + i] += kRidge * largest;
  if (!FactorCholesky(count, products, run_.team)) return false;
  for (std::size_t i = 0; i < count; ++i) step_[i] = -slopes[i];
  SolveCholesky(count, products, step_);
  return true;
}

void HingeFace::Iterate(const HingeRows& free, std::span<const double> slopes, std::size_t iterations) {
  const std::size_t count = free.samples();
  std::vector<double> squares(count);
  std::vector<double> pull(free.order());
  std::vector<double> product(count);
  std::vector<double> residual(count);
  std::vector<double> scaled(count);
  for (std::size_t i = 0; i < count; ++i) {
    squares[i] = free.Square(i);
    residual[i] = -slopes[i];
    scaled[i] = residual[i] / squares[i];
  }
  std::vector<double> direction = scaled;
  double norm = Dot(residual, scaled);
  const double enough = kAccuracy * kAccuracy * norm;
  for (std::size_t n = 0; n < iterations && norm > enough; ++n) {
    free.Pull(Of(direction), pull);
    free.Margins(pull, product);
    const double length = norm / Dot(pull, pull);
    if (!std::isfinite(length)) break;
    for (std::size_t i = 0; i < count; ++i) {
      step_[i] += length * direction[i];
      residual[i] -= length * product[i];
      scaled[i] = residual[i] / squares[i];
    }
    const double next = Dot(residual, scaled);
    for (std::size_t i = 0; i < count; ++i) direction[i] = scaled[i] + (next / norm) * direction[i];
    norm = next;
  }
}

std::size_t HingeFace::Step(std::span<double> dual, std::span<double> weights, std::size_t factoring,
                            std::size_t iterating) {
  std::vector<std::size_t> face;
  for (std::size_t i = 0; i < dual.size(); ++i) {
    if (dual[i] > 0.0 && dual[i] < problem_.costs[i]) face.push_back(i);
  }
  const std::size_t count = face.size();
  if (count == 0) return 0;
  const HingeSubset subset(problem_, face, 1.0);
  const BinaryProblem part = subset.problem();
  const HingeRows free(part, run_);
  std::vector<double> slopes(count);
  free.Margins(weights, slopes);
  for (double& slope : slopes) slope -= 1.0;

  step_.assign(count, 0.0);
  const std::size_t stored = std::visit([](const auto& m) { return m.values.size(); }, part.features) + count;
  // A visit touches the sample's values twice.
  const std::size_t work = count * count / 2 + count * count / 12 * count / (stored / count);
  const bool factored = count <= kLargestFactored && work <= factoring && Solve(free, slopes);
  if (!factored) Iterate(free, slopes, std::max(kLeastIterations, iterating / count));

  const double slope = Dot(slopes, step_);
  if (!(slope < 0.0)) return factored ? work : 0;
  double room = 1.0;
  for (std::size_t f = 0; f < count; ++f) {
    const double alpha = dual[face[f]];
    if (step_[f] > 0.0) room = std::min(room, (problem_.costs[face[f]] - alpha) / step_[f]);
    if (step_[f] < 0.0) room = std::min(room, alpha / -step_[f]);
  }
  const double straight = -slope * room * (1.0 - 0.5 * room);
  std::vector<double> change(count);
  std::vector<double> pull(free.order());
  double t = 1.0;
  for (int n = 0; n <= kProjections; ++n, t *= 0.5) {
    if (n == kProjections) t = room;
    for (std::size_t f = 0; f < count; ++f) {
      const double alpha = dual[face[f]];
      change[f] = std::clamp(alpha + t * step_[f], 0.0, problem_.costs[face[f]]) - alpha;
    }
    free.Pull(Of(change), pull);
    const double gain = -Dot(slopes, change) - 0.5 * Dot(pull, pull);
    if (!(gain > 0.0) || (n < kProjections && gain < 0.99 * straight)) continue;
    for (std::size_t f = 0; f < count; ++f) {
      double& alpha = dual[face[f]];
      alpha = std::clamp(alpha + t * step_[f], 0.0, problem_.costs[face[f]]);
    }
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] += pull[k];
    break;
  }
  return factored ? work : 0;
}

}  // namespace iris
