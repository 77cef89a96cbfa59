// SPDX-License-Identifier: Apache-2.0

#include "src/base/number.h"

#include <fast_float/fast_float.h>

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace iris {

std::optional<double> ParseDouble(std::string_view text) {
  // fast_float takes a minus but no plus; "+-1" must not slip through.
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) return std::nullopt;
  }
  if (text.ends_with(')')) return std::nullopt;  // "nan(payload)"
  double value = 0.0;
  const char* const end = text.data() + text.size();
  const fast_float::from_chars_result result = fast_float::from_chars(text.data(), end, value);
  if (result.ptr != end) return std::nullopt;
  if (result.ec == std::errc()) return value;
  // Out of range is either an overflow, or an underflow to the nearest double, which is zero.
  if (result.ec == std::errc::result_out_of_range && std::abs(value) < 1.0) return value;
  return std::nullopt;
}

bool OverflowsDouble(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) return false;
  }
  double value = 0.0;
  const char* const end = text.data() + text.size();
  const fast_float::from_chars_result result = fast_float::from_chars(text.data(), end, value);
  return result.ptr == end && result.ec == std::errc::result_out_of_range && std::abs(value) > 1.0;
}

NumberPrefix ParseDoublePrefix(const char* begin, const char* end) {
  constexpr fast_float::parse_options kFinite(fast_float::chars_format::general |
                                              fast_float::chars_format::allow_leading_plus |
                                              fast_float::chars_format::no_infnan);
  NumberPrefix number{0.0, nullptr};
  const fast_float::from_chars_result result = fast_float::from_chars_advanced(begin, end, number.value, kFinite);
  // As above: out of range by an underflow is the nearest double, zero.
  if (result.ec == std::errc() || (result.ec == std::errc::result_out_of_range && std::abs(number.value) < 1.0)) {
    number.end = result.ptr;
  }
  return number;
}

std::string FormatDouble(double value) {
  // The standard libraries have spellings of their own for these ("-nan(ind)").
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 32> buffer;  // "-1.2345678901234567e-308" takes 24
  // Plain shortest text would spell large integers out to their last binary digit.
  const bool spelled_out = std::abs(value) < 1e17;
  const std::to_chars_result result =
      spelled_out ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), value)
                  : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  return std::string(buffer.data(), result.ptr);
}

}  // namespace iris
