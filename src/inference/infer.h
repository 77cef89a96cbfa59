// SPDX-License-Identifier: Apache-2.0
//
// inference.GRPCInferenceService.ModelInfer: what it does.

#pragma once

#include <string>

#include "inference/inference.pb.h"
#include "src/base/error.h"
#include "src/inference/served_model.h"

namespace iris {

/// Whether a request for `name` and `version` (empty: any) means `served`. `name_path` and `version_path` are those of
/// the request's fields. Errors: kNotFound naming both what was asked for and what is served.
Result<void> CheckModelName(const ServedModel& served, const std::string& name, const std::string& version,
                            const char* name_path, const char* version_path);

/// Classifies the rows of the request's input tensor (tensor_input.h) and answers with the outputs that it asks for
/// (tensor_output.h); raw is answered with raw, typed with typed. Parameters are not looked at. Works block by block
/// and asks between blocks whether anybody still waits. Beside the reply it takes memory for one block.
/// Errors: kNotFound for another model or version; kInvalidArgument naming the tensor, with one violation; kTooLarge
/// when the reply would pass limits.reply_bytes, told before any work where the shape alone says it; kCancelled.
Result<inference::ModelInferResponse> Infer(const ServedModel& served, const inference::ModelInferRequest& request,
                                            const AnswerLimits& limits);

}  // namespace iris
