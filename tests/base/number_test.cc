// SPDX-License-Identifier: Apache-2.0

#include "src/base/number.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

TEST_CASE("numbers are read with correct rounding") {
  CHECK(ParseDouble("5.1") == 5.1);
  CHECK(ParseDouble("+5.1") == 5.1);
  CHECK(ParseDouble("-.5e1") == -5.0);
  CHECK(ParseDouble("1.") == 1.0);
  CHECK(ParseDouble("1E3") == 1000.0);
  // Half-way cases and the classics that naive parsers get wrong.
  CHECK(ParseDouble("9007199254740993") == 9007199254740992.0);
  CHECK(ParseDouble("9007199254740993.0000000000000000000000000000001") == 9007199254740994.0);
  CHECK(ParseDouble("2.2250738585072011e-308") == 0x0.fffffffffffffp-1022);
  CHECK(ParseDouble("1.7976931348623157e308") == std::numeric_limits<double>::max());
}

TEST_CASE("what is not one number is none") {
  for (const char* text : {"", " ", "+", "-", ".", "e5", "1e", "5.1 ", " 5.1", "5,1", "0x10", "1_000", "+-1", "++1",
                           "--1", "nan(1)", "infinit", "1.2.3", "5.1cm"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseDouble(text).has_value());
  }
  CHECK_FALSE(ParseDouble(std::string_view("1\0", 2)).has_value());
}

TEST_CASE("overflow is none, underflow is the nearest double, zero") {
  CHECK_FALSE(ParseDouble("1e309").has_value());
  CHECK_FALSE(ParseDouble("-1e999999999999").has_value());
  CHECK(ParseDouble("1e-400") == 0.0);
  CHECK(std::signbit(ParseDouble("-1e-400").value()));
  CHECK(ParseDouble("5e-324") == std::numeric_limits<double>::denorm_min());
}

TEST_CASE("too large is told from no number") {
  for (const char* text : {"1e309", "-1e309", "+1.8e308", "1e999999999999"}) CHECK(OverflowsDouble(text));
  for (const char* text : {"", "1e308", "1e-400", "1e309x", "+-1e309", "inf", "nan", "x"})
    CHECK_FALSE(OverflowsDouble(text));
}

TEST_CASE("words for what is not finite are read") {
  CHECK(std::isnan(ParseDouble("NaN").value()));
  CHECK(ParseDouble("-inf") == -std::numeric_limits<double>::infinity());
  CHECK(ParseDouble("+Infinity") == std::numeric_limits<double>::infinity());
}

TEST_CASE("a number at the front of a text ends where it ends") {
  const auto length = [](std::string_view text) -> std::ptrdiff_t {
    const NumberPrefix number = ParseDoublePrefix(text.data(), text.data() + text.size());
    if (number.end == nullptr) return -1;
    const auto taken = static_cast<std::size_t>(number.end - text.data());
    CHECK(ParseDouble(text.substr(0, taken)) == number.value);  // the same reading as of the number alone
    return number.end - text.data();
  };
  CHECK(length("5.1,3.5") == 3);
  CHECK(length("+5.1;") == 4);
  CHECK(length("-.5e-3\t") == 6);
  CHECK(length("1.") == 2);
  CHECK(length("1e-400,") == 6);
  CHECK(length("5e,") == 1);
  CHECK(length("1.2.3") == 3);
  CHECK(length("0x10") == 1);
  for (const char* text :
       {"", " 1", "+", "-", ".", "e5", "+-1", "++1", "-+1", "nan", "inf", "-infinity", "1e309", ",1"}) {
    CAPTURE(text);
    CHECK(length(text) == -1);
  }
  // Nothing behind the end is looked at.
  const std::string_view text = "123456789";
  CHECK(ParseDoublePrefix(text.data(), text.data() + 3).value == 123.0);
}

TEST_CASE("numbers are written as short as they read back") {
  CHECK(FormatDouble(0.1) == "0.1");
  CHECK(FormatDouble(100) == "100");
  CHECK(FormatDouble(-0.0) == "-0");
  CHECK(FormatDouble(1.0 / 3) == "0.3333333333333333");
  CHECK(FormatDouble(9223372036854775808.0) == "9.223372036854776e+18");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(FormatDouble(nan) == "nan");
  CHECK(FormatDouble(std::copysign(nan, -1.0)) == "nan");
  CHECK(FormatDouble(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(FormatDouble(-std::numeric_limits<double>::infinity()) == "-inf");
}

TEST_CASE("any double survives writing and reading, in at most 17 digits") {
  std::mt19937_64 random(1936);
  for (int i = 0; i < 100'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value) || value == 0.0) continue;
    const std::string text = FormatDouble(value);
    const std::optional<double> back = ParseDouble(text);
    const std::string mantissa = text.substr(text.find_first_of("123456789"), text.find('e'));
    const auto digits = std::ranges::count_if(mantissa, [](unsigned char c) { return std::isdigit(c) != 0; });
    if (!back || std::bit_cast<std::uint64_t>(*back) != std::bit_cast<std::uint64_t>(value) || digits > 17) FAIL(text);
  }
}

}  // namespace
}  // namespace iris
