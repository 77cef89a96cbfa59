// SPDX-License-Identifier: Apache-2.0
//
// The model file: versioned JSON. Its grammar stands above the reader in json_model.cc.

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
/// unknown format or version, missing, unknown or duplicate key, wrong type or shape, NaN or infinity, trailing bytes.
Result<Model> DecodeModel(std::string_view json, const std::string& origin);

/// Loads a model file of at most 64 MiB. Errors: kIo, kBadData.
Result<Model> LoadModel(const std::string& path);

/// Saves a model atomically (base/atomic_file.h). Errors: kBadData: larger than LoadModel takes; kIo; a file at `path` is then still whole: the old one, or,
/// when only forcing the folder to the disk failed (the message says so), the new one.
Result<void> SaveModel(const Model& model, const std::string& path);

}  // namespace iris
