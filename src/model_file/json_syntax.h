// SPDX-License-Identifier: Apache-2.0
//
// JSON text to a tree, more strictly than the JSON library reads it. Only model_file includes this.

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "src/base/error.h"

namespace iris {

/// A JSON tree that keeps the order of keys.
using Json = nlohmann::ordered_json;

/// Reads one JSON value and nothing after it. Never throws. Errors: kBadData, as "origin: …": not JSON (says where),
/// a key twice in one object (names it), more keys in an object or nested deeper than a model file ever is, a number
/// that overflows a double.
Result<Json> ParseStrictJson(std::string_view text, const std::string& origin);

}  // namespace iris
