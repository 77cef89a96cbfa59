// SPDX-License-Identifier: Apache-2.0
//
// iris.v1.PredictionService: what StreamPredict does with each message.

#pragma once

#include <cstddef>

#include "iris/v1/prediction.pb.h"
#include "src/inference/served_model.h"

namespace iris {

/// The longest id that is echoed, so that an error always fits into a reply. Units: bytes.
inline constexpr std::size_t kMostIdBytes = 1024;

/// Answers one message of the feed; never fails, since what is wrong with the message is told in the answer:
/// INVALID_ARGUMENT, naming the field, for an id that is too long (it is not echoed then), features that are not whole
/// rows or not finite, outputs that there are not or that are asked for twice; RESOURCE_EXHAUSTED when the answer would
/// pass limits.reply_bytes; CANCELLED when nobody waits for it.
iris::v1::StreamPredictResponse Answer(const ServedModel& served, const iris::v1::StreamPredictRequest& request,
                                       const AnswerLimits& limits);

}  // namespace iris
