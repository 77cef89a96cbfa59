// SPDX-License-Identifier: Apache-2.0

#include "src/model_file/liblinear_text.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/base/number.h"
#include "src/base/text.h"

namespace iris {
namespace {

constexpr std::string_view kBlanks = " \t";

}  // namespace

std::unexpected<Error> LiblinearText::Wrong(const std::string& found, const std::string& expected) const {
  return Fail(ErrorCode::kBadData,
              origin_ + ":" + std::to_string(line_) + ": LIBLINEAR model: found " + found + ", expected " + expected);
}

Result<void> LiblinearText::NextLine(const std::string& expected) {
  ++line_;
  const std::size_t end = rest_.find('\n');
  if (end == std::string_view::npos) {
    return Wrong(rest_.empty() ? "the end" : "a line without its end", expected + ": was the file cut short?");
  }
  words_ = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  if (words_.ends_with('\r')) words_.remove_suffix(1);
  return {};
}

std::string_view LiblinearText::NextWord() {
  words_.remove_prefix(std::min(words_.find_first_not_of(kBlanks), words_.size()));
  const std::string_view word = words_.substr(0, words_.find_first_of(kBlanks));
  words_.remove_prefix(word.size());
  return word;
}

Result<std::string_view> LiblinearText::OnlyWord(const std::string& expected) {
  const std::string_view word = NextWord();
  if (word.empty()) return Wrong("nothing", expected);
  if (const std::string_view more = NextWord(); !more.empty()) return Wrong(Quote(more) + " after it", expected);
  return word;
}

Result<double> LiblinearText::Number(std::string_view word, const std::string& expected) const {
  const std::optional<double> number = ParseDouble(word);
  if (!number || !std::isfinite(*number)) return Wrong(Quote(word), expected);
  return *number;
}

std::optional<std::int64_t> ParseWhole(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.size() > 18) return std::nullopt;  // 18 digits always fit
  std::int64_t value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = 10 * value + (digit - '0');
  }
  return negative ? -value : value;
}

std::optional<std::int32_t> ParseLabel(std::string_view text) {
  const std::optional<std::int64_t> value = ParseWhole(text);
  using Limits = std::numeric_limits<std::int32_t>;
  if (!value || *value > Limits::max() || *value < Limits::min()) return std::nullopt;
  return static_cast<std::int32_t>(*value);
}

}  // namespace iris
