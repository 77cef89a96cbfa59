// SPDX-License-Identifier: Apache-2.0
//
// Model files on disk, of either format: the program's own JSON (json_model.h) and LIBLINEAR's text
// (liblinear_model.h). Both are data and nothing else: no format that executes code is ever read.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "src/base/error.h"
#include "src/svm/model.h"

namespace iris {

enum class ModelFormat {
  kJson,       ///< Everything that a Model holds, under a checksum.
  kLiblinear,  ///< For LIBLINEAR's tools: classes as whole numbers, no feature names, no certificates, no checksum.
};

/// Reads a model in either format; its first characters tell which. `origin` names the text in messages. Errors:
/// kBadData: neither format (says what was found), or whatever the reader of the format says.
Result<Model> DecodeAnyModel(std::string_view text, const std::string& origin);

/// Loads a model file of at most 64 MiB, in either format. Errors: kIo, kBadData.
Result<Model> LoadModel(const std::string& path);

/// Whether a model of these features and so many classes can be small enough to be saved: to be asked before it is
/// trained. Errors: kBadData, naming `path`, when it cannot be, whatever its weights.
Result<void> CheckModelSize(std::span<const std::string> feature_names, std::size_t classes, const std::string& path);

/// Saves a model atomically (base/atomic_file.h). Errors: kBadData when LoadModel would not take what was written:
/// larger than 64 MiB, or something in the model that its invariant forbids; nothing is written then. kIo; a file at
/// `path` is then still whole: the old one, or, when only forcing the folder to the disk failed (the message says so),
/// the new one.
Result<void> SaveModel(const Model& model, const std::string& path, ModelFormat format = ModelFormat::kJson);

}  // namespace iris
