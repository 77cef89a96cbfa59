// SPDX-License-Identifier: Apache-2.0

#include "src/cli/options.h"

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "catch_amalgamated.hpp"
#include "src/cli/command.h"
#include "tests/cli/parse.h"

namespace iris {
namespace {

TEST_CASE("a flag beats the environment, which beats the default", "[options]") {
  const auto parse = [](std::vector<std::string> words, ValueSource& source) {
    CLI::App app;
    int port = 50052;
    const CLI::Option* option = AddPort(app, "--port", "port", port);
    REQUIRE_FALSE(Parse(app, std::move(words)));
    source = SourceOf(app, option);
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
  CLI::App app;
  int port = 0;
  AddPort(app, "--port", "port", port);
  const std::optional<Failure> flag = Parse(app, {"--port", "abc"});
  REQUIRE(flag);
  CHECK(flag->message == "--port: found 'abc', expected a port from 1 to 65535");
  CHECK(flag->exit_code == static_cast<int>(ExitCode::kUsage));

  const ScopedVariable variable("IRIS_PORT", "abc");
  CLI::App other;
  AddPort(other, "--port", "port", port);
  const std::optional<Failure> environment = Parse(other, {});
  REQUIRE(environment);
  CHECK(environment->message == "IRIS_PORT: found 'abc', expected a port from 1 to 65535");
  CHECK(environment->exit_code == static_cast<int>(ExitCode::kConfiguration));
}

TEST_CASE("ports are 1 to 65535 and nothing else", "[options]") {
  for (const char* bad : {"0", "65536", "-1", "+1", "1.0", "0x10", "99999999999999999999", "1 ", " 1"}) {
    CLI::App app;
    int port = 0;
    AddPort(app, "--port", "port", port);
    INFO(bad);
    CHECK(Parse(app, {std::string("--port=") + bad}));
  }
  for (const int good : {1, 80, 50052, 65535}) {
    CLI::App app;
    int port = 0;
    AddPort(app, "--port", "port", port);
    CHECK_FALSE(Parse(app, {"--port", std::to_string(good)}));
    CHECK(port == good);
  }
}

TEST_CASE("seconds may have fractions and have bounds", "[options]") {
  const auto parse = [](const std::string& text) -> std::optional<long> {
    CLI::App app;
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
    CLI::App app;
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

TEST_CASE("a repeatable option collects flags and splits its variable at commas", "[options]") {
  const auto parse = [](std::vector<std::string> words) {
    CLI::App app;
    std::vector<std::string> target;
    AddTexts(app, "--listen", "ADDRESS", "where", target);
    REQUIRE_FALSE(Parse(app, std::move(words)));
    return target;
  };
  using Texts = std::vector<std::string>;
  CHECK(parse({}).empty());
  CHECK(parse({"--listen", "[::1]:1", "--listen=unix:/a,b"}) == Texts{"[::1]:1", "unix:/a,b"});
  CHECK(parse({"--listen", "[::1]"}) == Texts{"[::1]"});  // CLI11 takes brackets for a list where it expects several
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
  CLI::App app;
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
