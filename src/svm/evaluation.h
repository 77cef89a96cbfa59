// SPDX-License-Identifier: Apache-2.0
//
// How well a model does on a labelled table.

#pragma once

#include <cstddef>
#include <vector>

#include "src/dataset/dataset.h"
#include "src/svm/model.h"

namespace iris {

/// Outcome of running a model over a table.
struct Evaluation {
  std::size_t samples = 0;
  std::size_t correct = 0;
  std::vector<std::size_t> wrong;  ///< Indices (0-based) of the samples that were misclassified, ascending.

  double accuracy() const { return samples == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(samples); }
};

/// Predicts every sample and compares. Requires: same features in the same order, same classes in the same order.
Evaluation Evaluate(const Model& model, const Dataset& dataset);

}  // namespace iris
