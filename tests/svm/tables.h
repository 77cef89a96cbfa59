// SPDX-License-Identifier: Apache-2.0
//
// Tables for the tests of the svm room.

#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <utility>
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
  dataset.features = std::move(values);
  dataset.labels = std::move(labels);
  return dataset;
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

/// ±1 for one class against the rest.
inline std::vector<double> SignsOf(const Dataset& dataset, std::int32_t positive) {
  std::vector<double> signs;
  for (const std::int32_t label : dataset.labels) signs.push_back(label == positive ? 1.0 : -1.0);
  return signs;
}

/// P(w, b), written out naively in long double: what both the solver and the certificate must agree with.
inline double NaiveObjective(const BinaryProblem& problem, std::span<const double> weights, double bias) {
  long double penalty = static_cast<long double>(bias) * bias;
  for (const double w : weights) penalty += static_cast<long double>(w) * w;
  long double losses = 0;
  for (std::size_t i = 0; i < problem.samples(); ++i) {
    long double decision = bias;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      decision += static_cast<long double>(weights[k]) * problem.sample(i)[k];
    }
    const long double residual = 1 - problem.signs[i] * decision;
    if (residual > 0) losses += residual * residual;
  }
  return static_cast<double>(penalty / 2 + problem.cost * losses);
}

}  // namespace iris
