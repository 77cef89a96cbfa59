// SPDX-License-Identifier: Apache-2.0

#include "src/system/log_line.h"

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/base/text.h"

namespace iris {
namespace {

const std::chrono::system_clock::time_point kTime{std::chrono::seconds(1'777'863'721)};
constexpr std::size_t kMost = 4095;

std::string Text(LogLevel level, std::string_view message) {
  return FormatLogLine(LogFormat::kText, level, kTime, message, {}, kMost);
}

std::string Json(std::string_view message, std::vector<LogField> fields = {}, std::size_t most = kMost) {
  return FormatLogLine(LogFormat::kJson, LogLevel::kInfo, kTime, message, fields, most);
}

const std::string kBegin = R"({"time":"2026-05-04T03:02:01.000000Z","level":"info","message":)";

TEST_CASE("text is for a person: an info is its message alone") {
  CHECK(Text(LogLevel::kInfo, "listening on [::]:50052") == "listening on [::]:50052");
  CHECK(Text(LogLevel::kError, "broken") == "iris-predictor: broken");
  CHECK(Text(LogLevel::kWarning, "odd") == "iris-predictor: warning: odd");
  CHECK(Text(LogLevel::kDebug, "detail") == "debug: detail");
  CHECK(Text(LogLevel::kError, "a\nb\x1b[1m") == "iris-predictor: a?b?[1m");
}

TEST_CASE("no bytes that a peer may send make a second line or drive a terminal") {
  CHECK(Printable("a\xc2\x85" "b\xe2\x80\xa8" "c\xe2\x80\xa9" "d") == "a?b?c?d");  // NEL, LS, PS
  CHECK(Printable("\xc2\x9b" "31m") == "?31m");                                    // CSI in one character
  CHECK(Printable("a\xff\xc3") == "a??");
  CHECK(Printable("öα\U0001F33C") == "öα\U0001F33C");
}

TEST_CASE("JSON says time, level, message and the fields") {
  CHECK(Json("hello") == kBegin + R"("hello"})");
  CHECK(Json("m", {{"text", "a \"b\" \\ c"},
                   {"count", std::uint64_t{18446744073709551615u}},
                   {"below", std::int64_t{-3}},
                   {"ratio", 0.25},
                   {"nothing", std::numeric_limits<double>::infinity()},
                   {"yes", true}}) ==
        kBegin + R"("m","text":"a \"b\" \\ c","count":18446744073709551615,"below":-3,"ratio":0.25,)" +
            R"("nothing":null,"yes":true})");
}

TEST_CASE("JSON stays one line of UTF-8 whatever is in it") {
  CHECK(Json("a\nb\t\x7f") == kBegin + R"("a\u000ab\u0009\u007f"})");
  CHECK(Json("\xc2\x85\xe2\x80\xa8\xe2\x80\xa9") == kBegin + R"("\u0085\u2028\u2029"})");
  CHECK(Json("\xff\xed\xa0\x80") == kBegin + "\"\ufffd\ufffd\ufffd\ufffd\"}");  // a byte, and a surrogate's three
}

TEST_CASE("a line is never longer than it may be, and a cut one says so") {
  const std::string long_text(10'000, 'x');
  CHECK(Text(LogLevel::kError, long_text).size() == kMost);
  const std::string cut = Json(long_text);
  CHECK(cut.size() == kMost);
  CHECK(cut.ends_with("x\",\"truncated\":true}"));
  CHECK(Json("whole", {{"field", long_text}}).ends_with("\",\"truncated\":true}"));
  std::string umlauts;
  for (int i = 0; i < 4000; ++i) umlauts += "ö";
  for (const std::size_t most : {256u, 257u, 4092u, 4095u}) {
    for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
      const std::string line = FormatLogLine(format, LogLevel::kWarning, kTime, umlauts, {}, most);
      CHECK(line.size() <= most);
      CHECK(line.size() + 8 > most);
      CHECK(IsUtf8(line));
    }
  }
}

TEST_CASE("random bytes: one line, UTF-8, no longer than allowed") {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string message(random() % 3000, '\0'), field(random() % 800, '\0');
    for (char& c : message) c = static_cast<char>(random());
    for (char& c : field) c = static_cast<char>(random());
    const std::vector<LogField> fields = {{"one", field}, {"two", field}, {"three", 1.5}};
    for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
      const std::string line = FormatLogLine(format, LogLevel::kError, kTime, message, fields, 1024);
      REQUIRE(line.size() <= 1024);
      REQUIRE(IsUtf8(line));
      REQUIRE_FALSE(HasControlCharacter(line));
      if (format == LogFormat::kJson) REQUIRE(line.ends_with('}'));
    }
  }
}

TEST_CASE("priorities are the journal's") {
  CHECK(JournalPriority(LogLevel::kError) == "<3>");
  CHECK(JournalPriority(LogLevel::kWarning) == "<4>");
  CHECK(JournalPriority(LogLevel::kInfo) == "<6>");
  CHECK(JournalPriority(LogLevel::kDebug) == "<7>");
}

}  // namespace
}  // namespace iris
