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
  constexpr std::array<std::string_view, 13> kWords = {"NA",   "N/A",  "n/a",  "#N/A", "#N/A N/A", "#NA", "<NA>",
                                                       "null", "Null", "NULL", "None", "?",        "."};
  return std::ranges::find(kWords, text) != kWords.end();
}

/// Typography that stands in a text where a number has none: a minus sign that is not the hyphen, a no-break space.
struct Typography {
  std::string_view text;
  std::string_view plain;
  const char* name;
};
constexpr std::array<Typography, 3> kTypography = {{
    {"\xE2\x88\x92", "-", "the minus sign U+2212"},
    {"\xC2\xA0", "", "the no-break space U+00A0"},
    {"\xE2\x80\xAF", "", "the no-break space U+202F"},
}};

/// The typography without which `text` would be a number; nullptr when there is none.
const Typography* FindTypography(std::string_view text) {
  const Typography* found = nullptr;
  std::string plain(text);
  for (const Typography& each : kTypography) {
    for (std::size_t at = plain.find(each.text); at != std::string::npos; at = plain.find(each.text)) {
      plain.replace(at, each.text.size(), each.plain);
      found = &each;
    }
  }
  return found != nullptr && ParseDouble(plain) ? found : nullptr;
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
    expected += " (missing values are not filled in)" + hint;
  } else if (value && std::isnan(*value)) {
    found += " (not a number)";
  } else if (value) {
    found += " (infinite)";
  } else if (OverflowsDouble(text)) {
    found += " (out of range)";
    expected += " of magnitude 1.7976931348623157e308 at most";
  } else if (HasDecimalComma(text)) {
    expected += " with a decimal point";
  } else if (const Typography* typography = FindTypography(text)) {
    return TableError(origin, position, found + " with " + typography->name, expected + ", such as -0.5");
  } else {
    expected += hint;
  }
  return TableError(origin, position, found, expected);
}

bool IsMissingValue(std::string_view text) {
  const std::optional<double> value = ParseDouble(text);
  return IsMissing(text) || (value && std::isnan(*value));
}

bool MeansNumber(std::string_view text) {
  return ParseDouble(text) || IsMissing(text) || OverflowsDouble(text) || HasDecimalComma(text) ||
         FindTypography(text) != nullptr;
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
