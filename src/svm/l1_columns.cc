// SPDX-License-Identifier: Apache-2.0

#include "src/svm/l1_columns.h"

#include <algorithm>
#include <variant>

namespace iris {

L1Columns::L1Columns(const BinaryProblem& problem) : signs_(problem.signs), starts_(problem.feature_count() + 2) {
  const std::size_t features = problem.feature_count();
  const std::size_t samples = problem.samples();
  if (const auto* dense = std::get_if<DenseMatrix>(&problem.features)) {
    values_.resize(samples * features);
    for (std::size_t i = 0; i < samples; ++i) {
      const double* const x = dense->values.data() + i * features;
      for (std::size_t j = 0; j < features; ++j) values_.data()[j * samples + i] = signs_[i] * x[j];
    }
    for (std::size_t j = 0; j <= features; ++j) starts_[j] = j * samples;
  } else {
    const auto& sparse = std::get<SparseMatrix>(problem.features);
    values_.resize(sparse.values.size());
    samples_.resize(sparse.values.size());
    for (const std::uint32_t j : sparse.indices) ++starts_[j + 1];
    for (std::size_t j = 0; j < features; ++j) starts_[j + 1] += starts_[j];
    std::vector<std::size_t> next(starts_.begin(), starts_.end() - 1);
    for (std::size_t i = 0; i < samples; ++i) {
      for (std::size_t k = sparse.starts[i]; k < sparse.starts[i + 1]; ++k) {
        const std::size_t at = next.data()[sparse.indices.data()[k]]++;
        samples_.data()[at] = static_cast<std::uint32_t>(i);
        values_.data()[at] = signs_[i] * sparse.values.data()[k];
      }
    }
  }
  for (const double sign : signs_) values_.push_back(sign * problem.intercept);
  starts_[features + 1] = values_.size();
}

Matrix L1Columns::Part(std::span<const std::size_t> columns) const {
  const std::size_t samples = signs_.size();
  std::size_t stored = 0;
  for (const std::size_t j : columns) stored += column(j).count;
  if (3 * stored > 2 * samples * columns.size()) {
    DenseMatrix part;
    part.columns = columns.size();
    part.values.resize(samples * columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const Column from = column(columns[c]);
      for (std::size_t k = 0; k < from.count; ++k) {
        const std::size_t i = from.samples == nullptr ? k : from.samples[k];
        part.values.data()[i * part.columns + c] = signs_[i] * from.values[k];
      }
    }
    return part;
  }
  SparseMatrix part;
  part.columns = columns.size();
  part.starts.assign(samples + 1, 0);
  part.indices.resize(stored);
  part.values.resize(stored);
  const auto each = [&](auto&& body) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const Column from = column(columns[c]);
      for (std::size_t k = 0; k < from.count; ++k) {
        body(c, from.samples == nullptr ? k : std::size_t{from.samples[k]}, from.values[k]);
      }
    }
  };
  each([&](std::size_t, std::size_t i, double) { ++part.starts.data()[i + 1]; });
  for (std::size_t i = 0; i < samples; ++i) part.starts[i + 1] += part.starts[i];
  std::vector<std::size_t> next(part.starts.begin(), part.starts.end() - 1);
  each([&](std::size_t c, std::size_t i, double z) {
    const std::size_t at = next.data()[i]++;
    part.indices.data()[at] = static_cast<std::uint32_t>(c);
    part.values.data()[at] = signs_[i] * z;
  });
  return part;
}

}  // namespace iris
