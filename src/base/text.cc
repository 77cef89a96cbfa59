// SPDX-License-Identifier: Apache-2.0

#include "src/base/text.h"

#include <algorithm>
#include <cstddef>
#include <system_error>

namespace iris {
namespace {

constexpr std::size_t kQuotedBytes = 40;

unsigned Byte(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

bool IsContinuation(std::string_view text, std::size_t i) {
  return i < text.size() && (Byte(text, i) & 0xC0u) == 0x80u;
}

}  // namespace

std::size_t Utf8Length(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned lead = Byte(text, 0);
  if (lead < 0x80u) return 1;
  if (lead < 0xC2u || lead > 0xF4u || !IsContinuation(text, 1)) return 0;
  if (lead < 0xE0u) return 2;
  const unsigned second = Byte(text, 1);
  if ((lead == 0xE0u && second < 0xA0u) || (lead == 0xEDu && second > 0x9Fu)) return 0;  // overlong, surrogate
  if (!IsContinuation(text, 2)) return 0;
  if (lead < 0xF0u) return 3;
  if ((lead == 0xF0u && second < 0x90u) || (lead == 0xF4u && second > 0x8Fu)) return 0;  // overlong, too large
  return IsContinuation(text, 3) ? 4 : 0;
}

namespace {

/// Whether the well-formed sequence `one` is a character that commands a terminal, breaks a line (C0, DEL, C1, line and
/// paragraph separator), or turns the direction in which the text around it is shown.
bool IsCommand(std::string_view one) {
  const unsigned lead = Byte(one, 0);
  if (one.size() == 1) return lead < 0x20u || lead == 0x7Fu;
  if (one.size() == 2) return lead == 0xC2u && Byte(one, 1) < 0xA0u;
  if (one.size() != 3 || lead != 0xE2u) return false;
  const unsigned last = Byte(one, 2);
  if (Byte(one, 1) == 0x80u) return last >= 0xA8u && last <= 0xAEu;  // U+2028, U+2029, U+202A to U+202E
  return Byte(one, 1) == 0x81u && last >= 0xA6u && last <= 0xA9u;    // U+2066 to U+2069
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool HasControlCharacter(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned byte = Byte(text, i);
    if (byte < 0x20u || byte == 0x7Fu) return true;
    if (byte == 0xC2u && i + 1 < text.size() && Byte(text, i + 1) < 0xA0u) return true;
  }
  return false;
}

std::string Quote(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string quoted = "\"";
  std::size_t taken = 0;
  while (taken < text.size() && taken < kQuotedBytes) {
    const std::size_t length = Utf8Length(text.substr(taken));
    const unsigned lead = Byte(text, taken);
    if (length == 0 || IsCommand(text.substr(taken, length))) {
      for (const std::size_t end = taken + std::max<std::size_t>(length, 1); taken < end; ++taken) {
        quoted += "\\x";
        quoted += kHex[Byte(text, taken) >> 4];
        quoted += kHex[Byte(text, taken) & 0xFu];
      }
    } else {
      if (lead == '"' || lead == '\\') quoted += '\\';
      quoted += text.substr(taken, length);
      taken += length;
    }
  }
  quoted += '"';
  if (taken < text.size()) quoted += "...";
  return quoted;
}

std::string WithoutCommands(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    const std::string_view one = text.substr(0, std::max<std::size_t>(length, 1));
    if (length == 0 ? Byte(one, 0) < 0xA0u : IsCommand(one)) {
      plain += '?';
    } else {
      plain += one;
    }
    text.remove_prefix(one.size());
  }
  return plain;
}

std::string SystemReason(int error) { return std::generic_category().message(error); }

}  // namespace iris
