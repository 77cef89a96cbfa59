// SPDX-License-Identifier: Apache-2.0

#include "src/base/text.h"

#include <cerrno>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

TEST_CASE("UTF-8 is told from what is not") {
  for (const char* text :
       {"", "setosa", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8C\xB8", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(text);
    CHECK(IsUtf8(text));
  }
  for (const char* text :
       {"\xE9t\xE9", "\x80", "\xC3", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF0\x9F\x8C", "a\xFF"}) {
    CAPTURE(text);
    CHECK_FALSE(IsUtf8(text));
  }
}

TEST_CASE("what goes into a message is one printable line") {
  CHECK(Quote("5.l") == "\"5.l\"");
  CHECK(Quote("a\nb\x1b[0m\x7f") == "\"a\\x0ab\\x1b[0m\\x7f\"");
  CHECK(Quote("say \"hi\" \\") == "\"say \\\"hi\\\" \\\\\"");
  CHECK(Quote("caf\xC3\xA9") == "\"caf\xC3\xA9\"");
  CHECK(Quote("caf\xE9") == "\"caf\\xe9\"");
  CHECK(Quote(std::string_view("\0", 1)) == "\"\\x00\"");
  CHECK(Quote(std::string(40, 'x')) == "\"" + std::string(40, 'x') + "\"");
  CHECK(Quote(std::string(1'000'000, 'x')) == "\"" + std::string(40, 'x') + "\"...");
  CHECK(IsUtf8(Quote(std::string(39, 'x') + "\xE2\x82\xAC\xE2\x82\xAC")));
}

TEST_CASE("the system's reasons have words") { CHECK(SystemReason(ENOENT) == "No such file or directory"); }

TEST_CASE("control characters are found, and nothing else") {
  for (const char* text : {"a\nb", "\x1b[31m", "\x7f", "\t", "a\xC2\x9B"}) CHECK(HasControlCharacter(text));
  CHECK(HasControlCharacter(std::string_view("\0", 1)));
  for (const char* text : {"", "a b~", "\xC2\xA0", "caf\xC3\xA9", "\xE2\x82\xAC"}) {
    CHECK_FALSE(HasControlCharacter(text));
  }
}

}  // namespace
}  // namespace iris
