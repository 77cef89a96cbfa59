// SPDX-License-Identifier: Apache-2.0
//
// How well predictions fit a labelled table: accuracy, precision, recall, F1 and the confusion matrix. The numbers are
// those of scikit-learn's metrics with zero_division=0. Pure functions.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/dataset/dataset.h"
#include "src/svm/model.h"

namespace iris {

/// How well one class is found, each from 0 to 1. A ratio with nothing below the line is 0.
struct Scores {
  double precision = 0.0;  ///< Of the samples that were called this class, how many are.
  double recall = 0.0;     ///< Of the samples of this class, how many were called so.
  double f1 = 0.0;         ///< The harmonic mean of both.

  friend bool operator==(const Scores&, const Scores&) = default;
};

/// Outcome of running a model over a table.
struct Evaluation {
  std::size_t samples = 0;
  std::size_t correct = 0;
  std::vector<std::size_t> wrong;      ///< Indices (0-based) of the samples that were misclassified, ascending.
  std::size_t classes = 0;
  std::vector<std::size_t> confusion;  ///< Shape: classes × classes; [t × classes + p]: of class t, called p.

  double accuracy() const { return samples == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(samples); }
  /// Samples of class `c`.
  std::size_t support(std::size_t c) const;
  /// Samples that were called class `c`; where that is 0, its precision has no meaning and counts as 0.
  std::size_t predicted(std::size_t c) const;
  Scores scores(std::size_t c) const;
  /// The mean over the classes that the table has or that were predicted, every class counting the same.
  Scores macro_average() const;
  /// The mean over the classes, weighted by their samples.
  Scores weighted_average() const;
};

/// Compares. Requires: same length, every entry an index below `classes`.
Evaluation Compare(std::span<const std::int32_t> labels, std::span<const std::int32_t> predictions,
                   std::size_t classes);

/// Predicts every sample and compares. Requires: same features in the same order, same classes in the same order.
Evaluation Evaluate(const Model& model, const Dataset& dataset);

}  // namespace iris
