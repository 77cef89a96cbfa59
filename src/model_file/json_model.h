// SPDX-License-Identifier: Apache-2.0
//
// The model file: versioned JSON. Its grammar stands above the reader in json_model.cc; for people: docs/model_file.md.

#pragma once

#include <string>
#include <string_view>

#include "src/base/error.h"
#include "src/svm/model.h"

namespace iris {

/// The model as JSON text, newline at the end. Doubles are written so that they read back bit for bit (at most 17
/// significant digits). Encoding, decoding and encoding again gives the same bytes.
std::string EncodeModel(const Model& model);

/// Reads what EncodeModel wrote. `origin` names the text in messages. Errors: kBadData naming the key: not JSON,
/// unknown format or version, missing, unknown or duplicate key, wrong type or shape, NaN or infinity, trailing bytes,
/// a checksum that does not fit.
Result<Model> DecodeModel(std::string_view json, const std::string& origin);

}  // namespace iris
