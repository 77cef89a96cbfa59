// SPDX-License-Identifier: Apache-2.0
//
// LIBLINEAR's text, taken apart line by line and word by word. Only model_file includes this.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/error.h"

namespace iris {

/// A place in a text, and messages that name it. Borrows the text and the origin. Not thread-safe.
class LiblinearText {
 public:
  LiblinearText(std::string_view text, const std::string& origin) : rest_(text), origin_(origin) {}

  /// "origin:line: LIBLINEAR model: found …, expected …".
  std::unexpected<Error> Wrong(const std::string& found, const std::string& expected) const;

  /// Goes to the next line. Errors: there is none, or it does not end.
  Result<void> NextLine(const std::string& expected);
  /// Takes the next word of the line; empty at its end.
  std::string_view NextWord();
  /// The only word that is left of the line. Errors: none, or more.
  Result<std::string_view> OnlyWord(const std::string& expected);
  /// `word` as a number. Errors: it is none, or not finite.
  Result<double> Number(std::string_view word, const std::string& expected) const;

  /// Bytes behind the current line.
  std::size_t bytes_left() const { return rest_.size(); }

 private:
  std::string_view rest_;   ///< Behind the current line.
  std::string_view words_;  ///< What is left of it.
  const std::string& origin_;
  std::size_t line_ = 0;
};

/// A whole number in decimal, with or without a sign, of at most 18 digits.
std::optional<std::int64_t> ParseWhole(std::string_view text);
/// A class label: a whole number of 32 bits.
std::optional<std::int32_t> ParseLabel(std::string_view text);

}  // namespace iris
