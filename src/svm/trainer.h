// SPDX-License-Identifier: Apache-2.0
//
// From a labelled table to a model: one-vs-rest over the binary solver, certified.

#pragma once

#include "src/base/error.h"
#include "src/dataset/dataset.h"
#include "src/svm/model.h"

namespace iris {

/// Trains one row a class against the rest (a single row for two classes) to the exact optimum of the L2-regularised
/// squared hinge with a penalised intercept, as scikit-learn's LinearSVC defines it, and certifies each row with code
/// that shares nothing with the solver. Deterministic: same input, same bits.
/// Errors: kInvalidArgument for a cost that is not a positive finite number; kBadData for an empty table or a single
/// class; kCheckFailed when a row's certificate does not reach a relative duality gap of 1e-10 (says the gap).
Result<Model> Train(const Dataset& dataset, const TrainOptions& options);

}  // namespace iris
