// SPDX-License-Identifier: Apache-2.0

#include "src/cli/option.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace iris {
namespace {

/// `text` as "true" or "false", or what would have been right.
Result<void> ReadTruth(std::string& text, ValueSource source) {
  if (const std::optional<bool> truth = TruthOf(text)) {
    text = *truth ? "true" : "false";
    return {};
  }
  const char* const expected = source == ValueSource::kFlag ? "no value" : "true or false";
  return Fail(ErrorCode::kInvalidArgument, "found '" + text + "', expected " + expected);
}

/// What of the texts counts.
Result<void> ReadRepeated(const Option& option, std::vector<std::string>& texts, ValueSource source) {
  if (!option.repeatable) {
    texts.erase(texts.begin(), texts.end() - 1);
  } else if (source == ValueSource::kEnvironment) {
    std::vector<std::string> parts = SplitAtCommas(texts.back());
    if (parts.empty()) {
      return Fail(ErrorCode::kInvalidArgument,
                  "found '" + texts.back() + "', expected " + option.value_name + " or more, separated by commas");
    }
    texts = std::move(parts);
  }
  return {};
}

}  // namespace

std::string TextOf(const FilePlace& place) {
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::string NameInMessages(const Option& option) {
  if (option.source == ValueSource::kEnvironment) return option.variable;
  if (option.source == ValueSource::kFile) return TextOf(option.place) + ": " + option.name.substr(2);
  return option.name;
}

std::optional<bool> TruthOf(std::string_view word) {
  constexpr std::string_view kTrue[] = {"true", "yes", "on", "enable", "t", "y", "+"};
  constexpr std::string_view kFalse[] = {"false", "no", "off", "disable", "f", "n", "-"};
  std::string small(word);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (std::ranges::find(kTrue, small) != std::end(kTrue)) return true;
  if (std::ranges::find(kFalse, small) != std::end(kFalse)) return false;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number > 0;
}

Result<void> Give(Option& option, std::vector<std::string> texts, ValueSource source) {
  option.source = source;
  Result<void> taken = ReadRepeated(option, texts, source);
  for (std::size_t i = 0; taken && i < texts.size(); ++i) {
    if (option.kind == OptionKind::kFlag) taken = ReadTruth(texts[i], source);
    if (taken) taken = option.take(texts[i]);
  }
  if (!taken) {
    return Fail(source == ValueSource::kFlag ? ErrorCode::kInvalidArgument : ErrorCode::kConfiguration,
                NameInMessages(option) + ": " + taken.error().message);
  }
  option.values = std::move(texts);
  return {};
}

std::vector<std::string> SplitAtCommas(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::size_t first = std::min(text.find_first_not_of(' ', begin), end);
    const std::size_t last = text.find_last_not_of(' ', end == 0 ? 0 : end - 1);
    if (first < end) parts.push_back(text.substr(first, last - first + 1));
    begin = end + 1;
  }
  return parts;
}

}  // namespace iris
