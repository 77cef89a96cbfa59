// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/table_error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "src/base/number.h"
#include "src/base/text.h"

namespace iris {
namespace {

constexpr std::size_t kListed = 10;

/// What R, pandas, Excel, Weka and SQL write for a value that is missing.
bool IsMissing(std::string_view text) {
  constexpr std::array<std::string_view, 9> kWords = {"NA", "N/A", "#N/A", "<NA>", "null", "NULL", "None", "?", "."};
  return std::ranges::find(kWords, text) != kWords.end();
}

/// Whether a point in place of the comma would make it a number.
bool HasDecimalComma(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return false;
  std::string pointed(text);
  pointed[comma] = '.';
  return ParseDouble(pointed).has_value();
}

std::unexpected<Error> NulError(const std::string& origin, TextPosition position, std::string_view text) {
  position.column += text.find('\0');
  return TableError(origin, position, "a NUL byte", "text (is this a binary file, or UTF-16?)");
}

}  // namespace

std::unexpected<Error> TableError(const std::string& origin, TextPosition position, const std::string& found,
                                  const std::string& expected) {
  return Fail(ErrorCode::kBadData, origin + ":" + std::to_string(position.line) + ":" +
                                       std::to_string(position.column) + ": found " + found + ", expected " + expected);
}

std::unexpected<Error> NumberError(const std::string& origin, TextPosition position, std::string_view text,
                                   const std::string& hint) {
  std::string found = Quote(text);
  std::string expected = "a finite number";
  const std::optional<double> value = ParseDouble(text);
  if (text.contains('\0')) return NulError(origin, position, text);
  if (text.empty()) {
    found = "an empty field";
    expected += " (missing values are not filled in)" + hint;
  } else if (IsMissing(text)) {
    expected += " (missing values are not filled in)";
  } else if (value && std::isnan(*value)) {
    found += " (not a number)";
  } else if (value) {
    found += " (infinite)";
  } else if (OverflowsDouble(text)) {
    found += " (out of range)";
    expected += " of magnitude 1.7976931348623157e308 at most";
  } else if (HasDecimalComma(text)) {
    expected += " with a decimal point";
  } else {
    expected += hint;
  }
  return TableError(origin, position, found, expected);
}

Result<std::string> ReadName(const std::string& origin, TextPosition position, std::string_view text,
                             const std::string& what) {
  if (text.empty()) return TableError(origin, position, "an empty field", what);
  if (text.contains('\0')) return NulError(origin, position, text);
  if (!IsUtf8(text)) {
    return TableError(origin, position, Quote(text), what + " in UTF-8 (convert the file, or save it as UTF-8)");
  }
  if (HasControlCharacter(text)) {
    return TableError(origin, position, Quote(text), what + " without control characters or line ends");
  }
  return std::string(text);
}

std::string Columns(std::size_t count) { return std::to_string(count) + (count == 1 ? " column" : " columns"); }

std::string ListNames(std::span<const std::string> names) {
  std::string list;
  for (const std::string& name : names.first(std::min(names.size(), kListed))) {
    list += (list.empty() ? "" : ", ") + Quote(name);
  }
  if (names.size() > kListed) list += " and " + std::to_string(names.size() - kListed) + " more";
  return list;
}

}  // namespace iris
