// SPDX-License-Identifier: Apache-2.0
//
// From a labelled table to a model: one-vs-rest over the binary solvers, certified.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "src/base/error.h"
#include "src/dataset/dataset.h"
#include "src/svm/model.h"

namespace iris {

/// How far training has come.
struct TrainProgress {
  std::size_t row = 0;    ///< The row of the model being solved, from 0; with several at once, the one that spoke.
  std::size_t rows = 0;   ///< Rows of the model.
  std::int64_t step = 0;  ///< The solver's step in that row.
  double left = 0;        ///< What is left to gain there as a share of the objective: an estimate.
};

/// How to train, as opposed to what: none of it changes a weight.
struct TrainRun {
  unsigned threads = 0;  ///< 0: as many as the machine allows.
  /// Called now and then while training; from one thread at a time, not always the same. May be empty.
  std::function<void(const TrainProgress&)> on_progress{};
  std::string program{};  ///< What Model.trained_by is to say, such as "iris-predictor 0.1.0".
};

/// Trains one row a class against the rest (a single row for two classes) to the exact optimum of what `options` ask
/// for, in scikit-learn's LinearSVC's terms, and certifies each row with code that shares nothing with the solvers.
/// Deterministic: same table and options, same bits, whatever the threads and the machine.
/// Errors: kInvalidArgument for options that make no sense (says which); kBadData for an empty table, samples of one
/// class only, or features too large for double precision; kCheckFailed when a row's certificate does not reach a
/// relative duality gap of 1e-10, or 1e-8 for the hinge and for L1 (says the gap).
Result<Model> Train(const Dataset& dataset, const TrainOptions& options, const TrainRun& run = {});

}  // namespace iris
