// SPDX-License-Identifier: Apache-2.0
//
// QR factorisation of the samples by classical Gram-Schmidt with every orthogonalisation done twice, which is as good
// as Householder's reflections: L. Giraud, J. Langou, M. Rozložník, J. van den Eshof, "Rounding error analysis of the
// classical Gram-Schmidt orthogonalization process", Numerische Mathematik 101 (2005) 87–100.

#include "src/svm/hinge_span.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "src/svm/hinge_rows.h"

namespace iris {
namespace {

constexpr std::size_t kSlice = 512;  // columns that a thread updates at once

double Dot(const std::vector<double>& a, const std::vector<double>& b) {
  const double* const x = a.data();
  const double* const y = b.data();
  double s0 = 0.0;
  double s1 = 0.0;
  std::size_t k = 0;
  for (; k + 2 <= a.size(); k += 2) {
    s0 += x[k] * y[k];
    s1 += x[k + 1] * y[k + 1];
  }
  if (k < a.size()) s0 += x[k] * y[k];
  return s0 + s1;
}

}  // namespace

HingeSpan::HingeSpan(const BinaryProblem& problem, const SolverRun& run) : original_(problem) {
  const HingeRows rows(problem, run);
  const std::size_t samples = rows.samples();
  const std::size_t order = rows.order();
  std::vector<std::vector<double>> coordinates(samples);
  std::vector<double> sample(order);
  for (std::size_t i = 0; i < samples; ++i) {
    rows.CopyRow(i, problem.signs[i], sample.data());  // without its sign
    const double length = std::sqrt(Dot(sample, sample));
    std::vector<double>& own = coordinates[i];
    own.assign(basis_.size(), 0.0);
    std::vector<double> parts(basis_.size());
    for (int twice = 0; twice < 2; ++twice) {
      run.team.ForEach(basis_.size(), [&](std::size_t b) { parts[b] = Dot(basis_[b], sample); });
      run.team.ForEach((order + kSlice - 1) / kSlice, [&](std::size_t slice) {
        const std::size_t end = std::min(order, (slice + 1) * kSlice);
        for (std::size_t b = 0; b < basis_.size(); ++b) {
          const double* const q = basis_[b].data();
          const double part = parts[b];
          for (std::size_t k = slice * kSlice; k < end; ++k) sample.data()[k] -= part * q[k];
        }
      });
      for (std::size_t b = 0; b < basis_.size(); ++b) own[b] += parts[b];
    }
    const double rest = std::sqrt(Dot(sample, sample));
    // What is left of a sample that the others span is rounding errors.
    if (!(rest > static_cast<double>(order) * std::numeric_limits<double>::epsilon() * length)) continue;
    own.push_back(rest);
    for (double& component : sample) component /= rest;
    basis_.push_back(sample);
  }
  DenseMatrix matrix;
  matrix.columns = std::max<std::size_t>(1, basis_.size());
  matrix.values.assign(samples * matrix.columns, 0.0);
  for (std::size_t i = 0; i < samples; ++i) {
    std::ranges::copy(coordinates[i], matrix.values.begin() + static_cast<std::ptrdiff_t>(i * matrix.columns));
  }
  coordinates_ = std::move(matrix);
}

std::vector<double> HingeSpan::Weights(std::span<const double> inner) const {
  std::vector<double> weights(original_.feature_count() + 1, 0.0);
  for (std::size_t b = 0; b < basis_.size(); ++b) {
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] += inner[b] * basis_[b][k];
  }
  return weights;
}

}  // namespace iris
