// SPDX-License-Identifier: Apache-2.0
//
// inference.GRPCInferenceService: what its methods but ModelInfer do. `serving` is false while the server drains.

#pragma once

#include <string>

#include "inference/inference.pb.h"
#include "src/base/error.h"
#include "src/inference/served_model.h"

namespace iris {

inference::ServerLiveResponse ServerLive();

inference::ServerReadyResponse ServerReady(bool serving);

/// Errors: kNotFound for another model or version.
Result<inference::ModelReadyResponse> ModelReady(const ServedModel& served, const inference::ModelReadyRequest& request,
                                                 bool serving);

/// `version` is that of the program. No extension of the protocol is named, since the server has none.
inference::ServerMetadataResponse ServerMetadata(const std::string& version);

/// Names, types and shapes of the input and of all outputs. Errors: kNotFound for another model or version.
Result<inference::ModelMetadataResponse> ModelMetadata(const ServedModel& served,
                                                       const inference::ModelMetadataRequest& request);

}  // namespace iris
