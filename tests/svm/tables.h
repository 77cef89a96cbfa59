// SPDX-License-Identifier: Apache-2.0
//
// Tables for the tests of the svm room.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "src/dataset/dataset.h"
#include "src/svm/binary_problem.h"

namespace iris {

/// A number in [-1, 1), the same on every machine (the standard's distributions are not).
inline double Uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-52 - 1.0; }

/// A dataset from rows of features and labels; classes and features get names.
inline Dataset MakeDataset(std::size_t features, std::size_t classes, std::vector<double> values,
                           std::vector<std::int32_t> labels) {
  Dataset dataset;
  for (std::size_t k = 0; k < features; ++k) dataset.feature_names.push_back("x" + std::to_string(k));
  for (std::size_t c = 0; c < classes; ++c) dataset.class_names.push_back("c" + std::to_string(c));
  dataset.features = DenseMatrix{features, std::move(values)};
  dataset.labels = std::move(labels);
  return dataset;
}

/// The values of a dense table, row after row.
inline std::vector<double>& ValuesOf(Dataset& dataset) { return std::get<DenseMatrix>(dataset.features).values; }
inline const std::vector<double>& ValuesOf(const Dataset& dataset) {
  return std::get<DenseMatrix>(dataset.features).values;
}
/// Row `i` of a dense table.
inline std::span<const double> RowOf(const Dataset& dataset, std::size_t i) {
  return std::get<DenseMatrix>(dataset.features).row(i);
}

/// Classes that overlap: the label follows a random direction with noise.
inline Dataset NoisyTable(std::size_t samples, std::size_t features, std::size_t classes, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<double> centres(classes * features);
  for (double& x : centres) x = Uniform(random);
  std::vector<double> values;
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < samples; ++i) {
    const std::size_t c = i % classes;
    labels.push_back(static_cast<std::int32_t>(c));
    for (std::size_t k = 0; k < features; ++k) values.push_back(centres[c * features + k] + 1.5 * Uniform(random));
  }
  return MakeDataset(features, classes, std::move(values), std::move(labels));
}

/// The same table, stored sparse: zeros are left out.
inline Dataset AsSparse(const Dataset& dense) {
  Dataset dataset = dense;
  SparseMatrix sparse;
  sparse.columns = dense.feature_count();
  for (std::size_t i = 0; i < dense.samples(); ++i) {
    for (std::size_t k = 0; k < sparse.columns; ++k) {
      const double value = RowOf(dense, i)[k];
      if (value == 0.0) continue;
      sparse.indices.push_back(static_cast<std::uint32_t>(k));
      sparse.values.push_back(value);
    }
    sparse.starts.push_back(sparse.values.size());
  }
  dataset.features = std::move(sparse);
  return dataset;
}

/// Text-like: `stored` values a row, in columns of which the first are the most popular; the label follows a random
/// direction with noise.
inline Dataset SparseTable(std::size_t samples, std::size_t features, std::size_t stored, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<double> direction(features);
  for (double& x : direction) x = Uniform(random);
  SparseMatrix sparse;
  sparse.columns = features;
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < samples; ++i) {
    std::vector<std::uint32_t> columns;
    for (std::size_t j = 0; j < stored; ++j) {
      const double u = Uniform(random);
      columns.push_back(static_cast<std::uint32_t>(u * u * static_cast<double>(features)));
    }
    std::ranges::sort(columns);
    columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
    double decision = 0.7 * Uniform(random);
    for (const std::uint32_t column : columns) {
      const double value = Uniform(random);
      sparse.indices.push_back(column);
      sparse.values.push_back(value);
      decision += direction[column] * value;
    }
    sparse.starts.push_back(sparse.values.size());
    labels.push_back(i < 2 ? static_cast<std::int32_t>(i) : (decision > 0.0 ? 1 : 0));
  }
  Dataset dataset = MakeDataset(features, 2, {}, std::move(labels));
  dataset.features = std::move(sparse);
  return dataset;
}

/// ±1 for one class against the rest.
inline std::vector<double> SignsOf(const Dataset& dataset, std::int32_t positive) {
  std::vector<double> signs;
  for (const std::int32_t label : dataset.labels) signs.push_back(label == positive ? 1.0 : -1.0);
  return signs;
}

/// A sample as plain numbers, its constant at the end: x̃. Shape: features + 1.
inline std::vector<double> FullRow(const BinaryProblem& problem, std::size_t i) {
  std::vector<double> row(problem.feature_count() + 1, 0.0);
  if (const auto* const dense = std::get_if<DenseMatrix>(&problem.features)) {
    std::ranges::copy(dense->row(i), row.begin());
  } else {
    const SparseRow sparse = std::get<SparseMatrix>(problem.features).row(i);
    for (std::size_t j = 0; j < sparse.values.size(); ++j) row[sparse.columns[j]] = sparse.values[j];
  }
  row.back() = problem.intercept;
  return row;
}

/// Of the squared hinge with L2 penalty at w̃, written out naively in long double: what solvers and certificates must
/// agree with.
struct NaiveValues {
  double objective = 0;       ///< P(w̃).
  double dual_objective = 0;  ///< D(α) of α = 2 C max(0, r).
};
inline NaiveValues NaiveSquaredHinge(const BinaryProblem& problem, std::span<const double> weights) {
  long double penalty = 0;
  for (const double w : weights) penalty += static_cast<long double>(w) * w;
  std::vector<long double> pull(weights.size());
  long double losses = 0;
  long double dual = 0;
  for (std::size_t i = 0; i < problem.samples(); ++i) {
    const std::vector<double> x = FullRow(problem, i);
    long double decision = 0;
    for (std::size_t k = 0; k < x.size(); ++k) decision += static_cast<long double>(weights[k]) * x[k];
    const long double residual = 1 - problem.signs[i] * decision;
    if (residual <= 0) continue;
    const long double alpha = 2 * problem.costs[i] * residual;
    losses += problem.costs[i] * residual * residual;
    dual += alpha - alpha * alpha / (4 * problem.costs[i]);
    for (std::size_t k = 0; k < x.size(); ++k) pull[k] += alpha * problem.signs[i] * x[k];
  }
  for (const long double p : pull) dual -= p * p / 2;
  return {static_cast<double>(penalty / 2 + losses), static_cast<double>(dual)};
}

}  // namespace iris
