// SPDX-License-Identifier: Apache-2.0
//
// The "options" of a JSON model file. Its grammar stands in json_model.cc. Only model_file includes this.

#pragma once

#include <span>
#include <string>

#include "src/model_file/json_fields.h"
#include "src/svm/model.h"

namespace iris {

/// The options as a JSON object.
Json OptionsToJson(const TrainOptions& options);

/// Reads what OptionsToJson wrote. Errors: kBadData naming the key: not these keys, a wrong type, a number that is not
/// greater than 0, a penalty that does not go with the loss, the weight of a class that is not among `class_names`.
Result<TrainOptions> ReadOptions(const JsonField& json, std::span<const std::string> class_names);

}  // namespace iris
