// SPDX-License-Identifier: Apache-2.0

#include "src/system/log_line.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "src/base/number.h"
#include "src/base/text.h"
#include "src/base/utc_time.h"

namespace iris {
namespace {

constexpr std::string_view kTruncated = ",\"truncated\":true";

/// A character at the front of a text.
struct Character {
  std::size_t length;  ///< In bytes; 1 for a byte that is not UTF-8.
  bool plain;          ///< May stand in a line as it is.
};

/// Requires: text is not empty.
Character FrontOf(std::string_view text) {
  const std::size_t length = Utf8Length(text);
  const auto lead = static_cast<unsigned char>(text[0]);
  if (length == 0) return {1, false};
  if (length == 1) return {1, lead >= 0x20 && lead != 0x7f};
  const bool c1_control = lead == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;  // U+0085, a line end, among them
  const bool line_end = text.starts_with("\u2028") || text.starts_with("\u2029");
  return {length, !c1_control && !line_end};
}

/// The longest front of `text` that is no longer than `most` bytes and does not end within a character.
std::string_view Cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = 0;
  for (std::size_t next = 0; next <= most; next += FrontOf(text.substr(next)).length) end = next;
  return text.substr(0, end);
}

/// \u and four digits.
void AppendEscaped(std::string& out, unsigned code) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12u, 8u, 4u, 0u}) out += kHex[code >> shift & 0xfu];
}

/// The code point of a character of two or three bytes that is not plain: a C1 control or a line end.
unsigned CodeOf(std::string_view character) {
  const auto last = static_cast<unsigned char>(character.back());
  return character.size() == 2 ? last : 0x2000u + (last & 0x3fu);
}

/// What fits of `text` as a JSON string into `most` bytes, quotes included. Returns whether all did.
/// Requires: most of 2 or more.
bool AppendQuoted(std::string& out, std::string_view text, std::size_t most) {
  const std::size_t begin = out.size();
  out += '"';
  while (!text.empty()) {
    const std::size_t before = out.size();
    const Character front = FrontOf(text);
    const auto lead = static_cast<unsigned char>(text[0]);
    if (front.plain) {
      if (lead == '"' || lead == '\\') out += '\\';
      out += text.substr(0, front.length);
    } else if (front.length > 1) {
      AppendEscaped(out, CodeOf(text.substr(0, front.length)));
    } else if (lead < 0x80) {
      AppendEscaped(out, lead);
    } else {
      out += "\ufffd";
    }
    if (out.size() - begin >= most) {
      out.resize(before);
      break;
    }
    text.remove_prefix(front.length);
  }
  out += '"';
  return text.empty();
}

/// As AppendQuoted, for any value. A number that JSON has no word for is null.
bool AppendValue(std::string& out, const LogField& field, std::size_t most) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return AppendQuoted(out, *text, most);
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) out += std::to_string(*number);
  if (const auto* number = std::get_if<std::uint64_t>(&field.value)) out += std::to_string(*number);
  if (const auto* number = std::get_if<double>(&field.value)) {
    out += std::isfinite(*number) ? FormatDouble(*number) : "null";
  }
  if (const auto* truth = std::get_if<bool>(&field.value)) out += *truth ? "true" : "false";
  return true;
}

std::string JsonLine(LogLevel level, std::chrono::system_clock::time_point time, std::string_view message,
                     std::span<const LogField> fields, std::size_t most_bytes) {
  constexpr std::size_t kLongestField = 512;
  constexpr std::size_t kLongestNumber = 32;
  std::string line = "{\"time\":\"" + Rfc3339(time) + "\",\"level\":\"" + std::string(NameOf(level)) + "\",\"message\":";
  // The message may have all but a half of it, and what the fields leave of that.
  std::string rest;
  bool whole = true;
  const std::size_t most_rest = most_bytes / 2;
  for (const LogField& field : fields) {
    const std::size_t name_size = field.name.size() + 4;
    if (rest.size() + name_size + kLongestNumber > most_rest) {
      whole = false;
      break;
    }
    rest += ",\"" + std::string(field.name) + "\":";
    whole &= AppendValue(rest, field, std::min(kLongestField, most_rest - rest.size()));
  }
  const std::size_t around = line.size() + rest.size() + kTruncated.size() + 1;
  whole &= AppendQuoted(line, message, most_bytes - around);
  return line + rest + (whole ? "" : std::string(kTruncated)) + "}";
}

std::string_view TextPrefix(LogLevel level) {
  constexpr std::array<std::string_view, 4> kPrefixes = {"iris-predictor: ", "iris-predictor: warning: ", "",
                                                         "debug: "};
  return kPrefixes[static_cast<std::size_t>(level)];
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const Character front = FrontOf(text);
    if (front.plain) {
      line += text.substr(0, front.length);
    } else {
      line += '?';
    }
    text.remove_prefix(front.length);
  }
  return line;
}

std::string_view NameOf(LogLevel level) {
  constexpr std::array<std::string_view, 4> kNames = {"error", "warning", "info", "debug"};
  return kNames[static_cast<std::size_t>(level)];
}

std::string FormatLogLine(LogFormat format, LogLevel level, std::chrono::system_clock::time_point time,
                          std::string_view message, std::span<const LogField> fields, std::size_t most_bytes) {
  if (format == LogFormat::kJson) return JsonLine(level, time, message, fields, most_bytes);
  std::string line(TextPrefix(level));
  line += Printable(Cut(message, most_bytes - line.size()));
  return line;
}

std::string_view JournalPriority(LogLevel level) {
  constexpr std::array<std::string_view, 4> kPriorities = {"<3>", "<4>", "<6>", "<7>"};
  return kPriorities[static_cast<std::size_t>(level)];
}

}  // namespace iris
