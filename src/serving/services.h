// SPDX-License-Identifier: Apache-2.0
//
// The services that predict, as methods: which function answers which path. What they do stands in src/inference.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "src/rpc/method.h"
#include "src/serving/health.h"
#include "src/serving/model_slot.h"

namespace iris {

struct ServiceOptions {
  std::string version;          ///< Of the program.
  std::size_t reply_limit = 0;  ///< Bytes; a reply beyond them is refused.
};

/// Full names of all services of a server.
std::vector<std::string> ServiceNames(bool reflection);

/// Adds ml.IrisPredictor, inference.GRPCInferenceService and iris.v1.PredictionService. `slot` and `health` must outlive
/// the server.
void AddPredictionServices(Methods& methods, const ModelSlot& slot, Health& health, const ServiceOptions& options);

}  // namespace iris
