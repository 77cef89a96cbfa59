// SPDX-License-Identifier: Apache-2.0
//
// JSON text to a tree, more strictly than the JSON library reads it. Only model_file, and cli for the configuration
// file, include this.

#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/error.h"

namespace iris {

/// A JSON tree that keeps the order of keys.
using Json = nlohmann::ordered_json;

/// What is wrong with a text.
struct JsonProblem {
  std::string what;
  std::optional<std::size_t> offset;  ///< Of the byte at which it shows, where that is known.
};

/// What keeps ParseStrictJson from reading `text`, if anything does. Never throws.
std::optional<JsonProblem> FindJsonProblem(std::string_view text);

/// Reads one JSON value and nothing after it. Never throws. Errors: kBadData, as "origin: …": not JSON (says where),
/// a key twice in one object (names it), more keys in an object or nested deeper than a model file ever is, a number
/// that overflows a double.
Result<Json> ParseStrictJson(std::string_view text, const std::string& origin);

}  // namespace iris
