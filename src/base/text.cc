// SPDX-License-Identifier: Apache-2.0

#include "src/base/text.h"

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
    if (length == 0 || lead < 0x20u || lead == 0x7Fu) {
      quoted += "\\x";
      quoted += kHex[lead >> 4];
      quoted += kHex[lead & 0xFu];
      taken += 1;
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

std::string SystemReason(int error) { return std::generic_category().message(error); }

}  // namespace iris
