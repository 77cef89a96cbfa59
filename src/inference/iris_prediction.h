// SPDX-License-Identifier: Apache-2.0
//
// ml.IrisPredictor: what its method does.

#pragma once

#include "iris.pb.h"
#include "src/base/error.h"
#include "src/svm/model.h"

namespace iris {

/// Classifies one flower. Units: cm. Errors: kFailedPrecondition for a model that does not take exactly four features;
/// kInvalidArgument naming every measurement that is NaN or infinite, with one violation for each.
Result<ml::IrisPredictReply> PredictIrisSpecies(const Model& model, const ml::IrisPredictRequest& request);

}  // namespace iris
