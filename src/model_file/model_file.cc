// SPDX-License-Identifier: Apache-2.0

#include "src/model_file/model_file.h"

#include <cstddef>

#include "src/base/atomic_file.h"
#include "src/base/text.h"
#include "src/model_file/json_model.h"
#include "src/model_file/liblinear_model.h"

namespace iris {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;

/// Whether saving `text` would lose anything: what cannot be loaded is not saved.
Result<void> CheckReadable(const Model& model, std::string_view text, ModelFormat format, const std::string& path) {
  if (text.size() > kMaxFileBytes) {
    return Fail(ErrorCode::kBadData, path + ": found a model that takes " + std::to_string(text.size()) +
                                         " bytes, expected at most " + std::to_string(kMaxFileBytes) +
                                         ": train with fewer features or classes");
  }
  const Result<Model> back = format == ModelFormat::kJson ? DecodeModel(text, path) : DecodeLiblinear(text, path);
  if (!back) return std::unexpected(back.error());
  if (format == ModelFormat::kJson && *back != model) {
    return Fail(ErrorCode::kBadData,
                path + ": found a model that would read back as a different one, expected names in UTF-8, " +
                    "finite numbers and options that were used: this is a bug, please report it");
  }
  return {};
}

}  // namespace

Result<Model> DecodeAnyModel(std::string_view text, const std::string& origin) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const std::string_view start = first == std::string_view::npos ? "" : text.substr(first);
  if (start.starts_with('{')) return DecodeModel(text, origin);
  if (IsLiblinear(start)) return DecodeLiblinear(text, origin);
  const std::string expected =
      "a model file: JSON of iris-predictor, which begins with \"{\", or LIBLINEAR's text, which begins with "
      "\"solver_type\"";
  if (start.empty()) return Fail(ErrorCode::kBadData, origin + ": found an empty file, expected " + expected);
  if (start.starts_with('\x80')) {
    return Fail(ErrorCode::kBadData,
                origin + ": found a Python pickle, which is a program and is never run, expected " + expected +
                    "; docs/model_file.md shows how to save a scikit-learn model as one");
  }
  return Fail(ErrorCode::kBadData, origin + ": found " + Quote(start) + " at its start, expected " + expected);
}

Result<Model> LoadModel(const std::string& path) {
  const Result<std::string> text = ReadFile(path, kMaxFileBytes);
  if (!text) return std::unexpected(text.error());
  return DecodeAnyModel(*text, path);
}

Result<void> CheckModelSize(std::span<const std::string> feature_names, std::size_t classes, const std::string& path) {
  constexpr std::size_t kLeastWeightBytes = 2;  // a digit and a comma
  constexpr std::size_t kNameBytes = 3;         // quotes and a comma
  const std::size_t rows = classes == 2 ? 1 : classes;
  std::size_t bytes = feature_names.size() * (kNameBytes + rows * kLeastWeightBytes);
  for (const std::string& name : feature_names) bytes += name.size();
  if (bytes <= kMaxFileBytes) return {};
  return Fail(ErrorCode::kBadData,
              path + ": found a table of " + std::to_string(feature_names.size()) + " features and " +
                  std::to_string(classes) + " classes, whose model takes more than " + std::to_string(bytes) +
                  " bytes, expected at most " + std::to_string(kMaxFileBytes) +
                  ": use fewer features or classes (the features of LIBSVM's text are as many as its largest index: "
                  "number them without gaps)");
}

Result<void> SaveModel(const Model& model, const std::string& path, ModelFormat format) {
  const std::string text = format == ModelFormat::kJson ? EncodeModel(model) : EncodeLiblinear(model);
  if (Result<void> readable = CheckReadable(model, text, format, path); !readable) return readable;
  return WriteFileAtomically(path, text);
}

}  // namespace iris
