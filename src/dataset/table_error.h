// SPDX-License-Identifier: Apache-2.0
//
// How a table's faults are told: "origin:line:column: found …, expected …". Pure functions.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "src/base/error.h"

namespace iris {

/// A place in a text. Both count from 1; the column counts bytes.
struct TextPosition {
  std::size_t line = 1;
  std::size_t column = 1;
};

/// An error of kind kBadData of the table `origin` at `position`.
std::unexpected<Error> TableError(const std::string& origin, TextPosition position, const std::string& found,
                                  const std::string& expected);

/// Whether `text` is what programs write for a value that is missing: "NA", "null", "?", "nan" and the like.
bool IsMissingValue(std::string_view text);

/// Whether `text` stands where a number was meant: it is one, or missing, too large, with a decimal comma, or with a
/// minus sign or space of typography.
bool MeansNumber(std::string_view text);

/// The error of `text`, which stands where a finite number should: a missing value, not a number, infinite, out of
/// range, a decimal comma, typography, a NUL byte, or just something else. `hint` says what else a text that is missing
/// or not at all a number may mean. Requires: ParseDouble(text) is not finite.
std::unexpected<Error> NumberError(const std::string& origin, TextPosition position, std::string_view text,
                                   const std::string& hint = "");

/// A name of a class or feature ("a class label"). It goes into model files, replies and onto terminals, so it must be
/// there, and be UTF-8 without control characters. Errors: kBadData, when it is not.
Result<std::string> ReadName(const std::string& origin, TextPosition position, std::string_view text,
                             const std::string& what);

/// "1 column", "2 columns".
std::string Columns(std::size_t count);

/// The first few of `names`, each quoted: "a", "b" and 7 more.
std::string ListNames(std::span<const std::string> names);

}  // namespace iris
