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
  CHECK(Quote("\xC2\x9B[31m") == "\"\\xc2\\x9b[31m\"");          // C1: an escape sequence in one character
  CHECK(Quote("a\xE2\x80\xA8z") == "\"a\\xe2\\x80\\xa8z\"");     // U+2028
  CHECK(Quote("a\xE2\x80\xAEz") == "\"a\\xe2\\x80\\xaez\"");     // U+202E
  CHECK(Quote("a\xE2\x81\xA6z") == "\"a\\xe2\\x81\\xa6z\"");     // U+2066
  for (const char* text : {"\xC2\xA0", "\xE2\x80\xA7", "\xE2\x80\xAF", "\xE2\x81\xA5", "\xE2\x81\xAA"}) {
    CHECK(Quote(text) == std::string("\"") + text + "\"");  // their neighbours
  }
  CHECK(IsUtf8(Quote(std::string(39, 'x') + "\xE2\x82\xAC\xE2\x82\xAC")));
}

TEST_CASE("what commands a terminal is taken out of a message") {
  CHECK(WithoutCommands("caf\xC3\xA9 \xE9\"\\") == "caf\xC3\xA9 \xE9\"\\");
  CHECK(WithoutCommands("a\nb\x1b[0m\x7f\xC2\x9B\xE2\x80\xAE\x9Bz") == "a?b?[0m????z");
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
