// SPDX-License-Identifier: Apache-2.0

#include "src/cli/options.h"

#include <optional>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/cli/command.h"
#include "tests/cli/parse.h"

namespace iris {
namespace {

TEST_CASE("a flag beats the environment, which beats the default", "[options]") {
  const auto parse = [](std::vector<std::string> words, ValueSource& source) {
    CommandDefinition app;
    int port = 50052;
    const Option* option = AddPort(app, "--port", "port", port);
    REQUIRE_FALSE(Parse(app, std::move(words)));
    source = option->source;
    return port;
  };
  ValueSource source{};
  CHECK(parse({}, source) == 50052);
  CHECK(source == ValueSource::kDefault);
  const ScopedVariable variable("IRIS_PORT", "7000");
  CHECK(parse({}, source) == 7000);
  CHECK(source == ValueSource::kEnvironment);
  CHECK(parse({"--port", "8000"}, source) == 8000);
  CHECK(source == ValueSource::kFlag);
  CHECK(parse({"--port=8000", "--port=9000"}, source) == 9000);  // the last one counts
}

TEST_CASE("a bad value is a usage error as a flag and a configuration error in the environment", "[options]") {
  CommandDefinition app;
  int port = 0;
  AddPort(app, "--port", "port", port);
  const std::optional<Failure> flag = Parse(app, {"--port", "abc"});
  REQUIRE(flag);
  CHECK(flag->message == "--port: found 'abc', expected a port from 1 to 65535");
  CHECK(flag->exit_code == static_cast<int>(ExitCode::kUsage));

  const ScopedVariable variable("IRIS_PORT", "abc");
  CommandDefinition other;
  AddPort(other, "--port", "port", port);
  const std::optional<Failure> environment = Parse(other, {});
  REQUIRE(environment);
  CHECK(environment->message == "IRIS_PORT: found 'abc', expected a port from 1 to 65535");
  CHECK(environment->exit_code == static_cast<int>(ExitCode::kConfiguration));
}

TEST_CASE("ports are 1 to 65535 and nothing else", "[options]") {
  for (const char* bad : {"0", "65536", "-1", "+1", "1.0", "0x10", "99999999999999999999", "1 ", " 1"}) {
    CommandDefinition app;
    int port = 0;
    AddPort(app, "--port", "port", port);
    INFO(bad);
    CHECK(Parse(app, {std::string("--port=") + bad}));
  }
  for (const int good : {1, 80, 50052, 65535}) {
    CommandDefinition app;
    int port = 0;
    AddPort(app, "--port", "port", port);
    CHECK_FALSE(Parse(app, {"--port", std::to_string(good)}));
    CHECK(port == good);
  }
}

TEST_CASE("seconds may have fractions and have bounds", "[options]") {
  const auto parse = [](const std::string& text) -> std::optional<long> {
    CommandDefinition app;
    std::chrono::milliseconds value{-1};
    AddSeconds(app, "--timeout", "t", std::chrono::milliseconds(1), value);
    if (Parse(app, {"--timeout", text})) return std::nullopt;
    return static_cast<long>(value.count());
  };
  CHECK(parse("2") == 2000);
  CHECK(parse("0.25") == 250);
  CHECK(parse("1e1") == 10000);
  CHECK(parse("86400") == 86'400'000);
  for (const char* bad : {"0", "-1", "nan", "inf", "1e9", "soon", "5s", ""}) CHECK_FALSE(parse(bad));
}

TEST_CASE("positive numbers are finite and above zero", "[options]") {
  const auto parse = [](const std::string& text) -> std::optional<double> {
    CommandDefinition app;
    double value = -1;
    AddPositiveNumber(app, "--cost", "C", "c", value);
    if (Parse(app, {"--cost", text})) return std::nullopt;
    return value;
  };
  CHECK(parse("1") == 1.0);
  CHECK(parse("1e-4") == 1e-4);
  CHECK(parse("0.1") == 0.1);
  for (const char* bad : {"0", "-0", "-1", "nan", "inf", "1e999", "1,5", "one", "-inf", "-.5"}) {
    INFO(bad);
    CHECK_FALSE(parse(bad));
  }
}

TEST_CASE("counts are whole numbers within their bounds", "[options]") {
  const auto parse = [](const std::string& text, std::uint64_t least, std::uint64_t most) {
    CommandDefinition app;
    std::uint64_t value = 77;
    AddCount(app, "--count", "N", "c", least, most, value);
    return Parse(app, {"--count", text}) ? std::optional<std::uint64_t>() : value;
  };
  constexpr std::uint64_t kLargest = 18446744073709551615U;
  CHECK(parse("2", 2, 1000) == 2);
  CHECK(parse("1000", 2, 1000) == 1000);
  CHECK(parse("007", 2, 1000) == 7);
  CHECK(parse("0", 0, 5) == 0);
  CHECK(parse("18446744073709551615", 0, kLargest) == kLargest);
  for (const char* bad : {"1", "1001", "-2", "+2", "2.0", "2e2", "two", "", " 2", "99999999999999999999999"}) {
    INFO(bad);
    CHECK_FALSE(parse(bad, 2, 1000));
  }
  CHECK_FALSE(parse("18446744073709551616", 0, kLargest));
  CHECK_FALSE(parse("28446744073709551615", 0, kLargest));
  CHECK_FALSE(parse("9", 0, 5));
  CommandDefinition app;
  std::uint64_t value = 0;
  AddCount(app, "--count", "N", "c", 2, 1000, value);
  const std::optional<Failure> failure = Parse(app, {"--count", "1"});
  REQUIRE(failure);
  CHECK(failure->message == "--count: found '1', expected a whole number from 2 to 1000");
}

TEST_CASE("the first of several options that is a flag is found, wherever the others come from", "[options]") {
  CommandDefinition app;
  std::string one, two, three;
  AddText(app, "--one", "X", "x", one);
  AddText(app, "--two", "X", "x", two);
  AddText(app, "--three", "X", "x", three);
  const ScopedVariable variable("IRIS_ONE", "a");
  REQUIRE_FALSE(Parse(app, {"--three", "c", "--two", "b"}));
  CHECK(one == "a");
  constexpr const char* kAll[] = {"--one", "--two", "--three"};
  CHECK(FirstGivenFlag(app, kAll) == "--two");
  constexpr const char* kFirst[] = {"--one"};
  CHECK_FALSE(FirstGivenFlag(app, kFirst));
}

TEST_CASE("a repeatable option collects flags and splits its variable at commas", "[options]") {
  const auto parse = [](std::vector<std::string> words) {
    CommandDefinition app;
    std::vector<std::string> target;
    AddTexts(app, "--listen", "ADDRESS", "where", target);
    REQUIRE_FALSE(Parse(app, std::move(words)));
    return target;
  };
  using Texts = std::vector<std::string>;
  CHECK(parse({}).empty());
  CHECK(parse({"--listen", "[::1]:1", "--listen=unix:/a,b"}) == Texts{"[::1]:1", "unix:/a,b"});
  CHECK(parse({"--listen", "[::1]"}) == Texts{"[::1]"});
  const ScopedVariable variable("IRIS_LISTEN", "127.0.0.1:1, unix:/run/x.sock,,");
  CHECK(parse({}) == Texts{"127.0.0.1:1", "unix:/run/x.sock"});
  CHECK(parse({"--listen", "a:1"}) == Texts{"a:1"});
}

TEST_CASE("splitting at commas trims blanks and drops empty parts", "[options]") {
  using Texts = std::vector<std::string>;
  CHECK(SplitAtCommas("").empty());
  CHECK(SplitAtCommas(" , ,").empty());
  CHECK(SplitAtCommas("a") == Texts{"a"});
  CHECK(SplitAtCommas(" a b ,c") == Texts{"a b", "c"});
  CHECK(SplitAtCommas(",a,,b,") == Texts{"a", "b"});
}

TEST_CASE("a choice takes its words only", "[options]") {
  CommandDefinition app;
  std::string value = "on";
  AddChoice(app, "--reflection", {"on", "off"}, "r", value);
  CHECK_FALSE(Parse(app, {"--reflection", "off"}));
  CHECK(value == "off");
  const std::optional<Failure> failure = Parse(app, {"--reflection", "maybe"});
  REQUIRE(failure);
  CHECK(failure->message == "--reflection: found 'maybe', expected on or off");
}

}  // namespace
}  // namespace iris
