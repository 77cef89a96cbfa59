// SPDX-License-Identifier: Apache-2.0
//
// Typed access to the parts of a JSON tree, with errors that name the place. Only model_file includes this.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/model_file/json_syntax.h"

namespace iris {

/// A value in a tree and how to get there ("certificates[0].steps"). Borrows the tree and the origin.
class JsonField {
 public:
  JsonField(const Json& value, const std::string& origin, std::string path = "")
      : value_(&value), origin_(&origin), path_(std::move(path)) {}

  /// "origin: path: found …, expected …".
  std::unexpected<Error> Wrong(const std::string& found, const std::string& expected) const;
  /// The same, with the type (or short value) of what is there as what was found.
  std::unexpected<Error> Unexpected(const std::string& expected) const;

  /// Whether this is an object with exactly these keys. Errors: names the missing or unknown key.
  Result<void> ExpectKeys(std::initializer_list<std::string_view> keys) const;
  /// The value of a key. Requires: it is there (ExpectKeys).
  JsonField operator[](const char* key) const;
  /// Whether this is an object that has `key`.
  bool Has(const char* key) const;
  bool IsNull() const { return value_->is_null(); }
  bool IsString() const { return value_->is_string(); }
  /// Names and values of an object whose keys the reader does not know beforehand.
  Result<std::vector<std::pair<std::string, JsonField>>> Members(const std::string& expected) const;

  /// The elements of an array of `count` elements (any number where count is kAny).
  Result<std::vector<JsonField>> Elements(std::size_t count, const std::string& of_what) const;
  static constexpr std::size_t kAny = static_cast<std::size_t>(-1);

  Result<std::string> String() const;
  Result<bool> Boolean() const;
  /// Integers count as numbers too. Always finite.
  Result<double> Number() const;
  /// A count: an integer from 0 to 2^53.
  Result<std::int64_t> Count() const;
  /// An array of `count` numbers.
  Result<std::vector<double>> Numbers(std::size_t count) const;
  /// An array of strings, any number.
  Result<std::vector<std::string>> Strings() const;

 private:
  const Json* value_;
  const std::string* origin_;
  std::string path_;
};

}  // namespace iris
