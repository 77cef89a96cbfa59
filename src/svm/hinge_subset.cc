// SPDX-License-Identifier: Apache-2.0

#include "src/svm/hinge_subset.h"

#include <cstdint>
#include <variant>

namespace iris {
namespace {

DenseMatrix Copy(const DenseMatrix& from, std::span<const std::size_t> samples) {
  DenseMatrix to;
  to.columns = from.columns;
  to.values.reserve(samples.size() * from.columns);
  for (const std::size_t i : samples) to.values.insert(to.values.end(), from.row(i).begin(), from.row(i).end());
  return to;
}

SparseMatrix Copy(const SparseMatrix& from, std::span<const std::size_t> samples) {
  std::size_t stored = 0;
  for (const std::size_t i : samples) stored += from.row(i).values.size();
  SparseMatrix to;
  to.columns = from.columns;
  to.starts.reserve(samples.size() + 1);
  to.indices.reserve(stored);
  to.values.reserve(stored);
  for (const std::size_t i : samples) {
    const SparseRow row = from.row(i);
    to.indices.insert(to.indices.end(), row.columns.begin(), row.columns.end());
    to.values.insert(to.values.end(), row.values.begin(), row.values.end());
    to.starts.push_back(to.values.size());
  }
  return to;
}

}  // namespace

HingeSubset::HingeSubset(const BinaryProblem& problem, std::span<const std::size_t> samples, double cost_factor)
    : features_(std::visit([&](const auto& from) { return Matrix(Copy(from, samples)); }, problem.features)),
      intercept_(problem.intercept) {
  signs_.reserve(samples.size());
  costs_.reserve(samples.size());
  for (const std::size_t i : samples) {
    signs_.push_back(problem.signs[i]);
    costs_.push_back(cost_factor * problem.costs[i]);
  }
}

// Fibonacci hashing: D. E. Knuth, The Art of Computer Programming 3, 2nd ed. (1998), 6.4.
std::vector<std::size_t> ScatteredSamples(std::size_t samples) {
  static_assert(kSampleRate == 16);
  std::vector<std::size_t> chosen;
  chosen.reserve(samples / kSampleRate + samples / 256);
  for (std::size_t i = 0; i < samples; ++i) {
    if ((static_cast<std::uint64_t>(i) * 0x9E3779B97F4A7C15u) >> 60 == 0) chosen.push_back(i);
  }
  return chosen;
}

}  // namespace iris
