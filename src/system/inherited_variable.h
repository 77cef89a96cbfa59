// SPDX-License-Identifier: Apache-2.0
//
// Variables of the environment that are meant for this process alone.

#pragma once

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace iris {

/// Takes the variable out of the environment; nothing when it is not there or empty. Requires: no other thread.
inline std::optional<std::string> TakeVariable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  std::string taken = value;
  ::unsetenv(name);
  if (taken.empty()) return std::nullopt;
  return taken;
}

/// Digits and nothing else.
inline std::optional<std::uint64_t> ParseDecimal(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace iris
