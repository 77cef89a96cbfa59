// SPDX-License-Identifier: Apache-2.0

#include "src/cli/argument_parser.h"

#include <string>
#include <utility>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/cli/options.h"
#include "tests/cli/parse.h"

namespace iris {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// A command with an option, a repeatable one, a flag, one argument and then any number of them.
struct Example {
  CommandDefinition app{"example"};
  std::string file, first;
  std::vector<std::string> listen, rest;
  bool json = false;

  Example() {
    AddText(app, "--file", "FILE", "a file", file);
    AddTexts(app, "--listen", "ADDRESS", "where", listen);
    AddFlag(app, "--json", "as JSON", json);
    AddArgument(app, "FIRST", "one word", first);
    AddArguments(app, "REST", "all that are left", rest);
  }

  Pairs Parsed(const std::vector<std::string>& words) const {
    const Result<ParsedArguments> parsed = ParseArguments(app, words);
    REQUIRE(parsed);
    CHECK_FALSE(parsed->unexpected);
    Pairs pairs;
    for (const GivenText& given : parsed->given) pairs.emplace_back(given.option->name, given.text);
    return pairs;
  }
};

TEST_CASE("options and arguments may stand in any order", "[argument_parser]") {
  const Example example;
  CHECK(example.Parsed({}).empty());
  CHECK(example.Parsed({"a", "--file", "f", "b", "--json", "c", "--listen=:1", "--listen", ":2"}) ==
        Pairs{{"FIRST", "a"}, {"--file", "f"}, {"REST", "b"}, {"--json", "true"}, {"REST", "c"},
              {"--listen", ":1"}, {"--listen", ":2"}});
}

TEST_CASE("the word behind an option is its value, whatever it looks like", "[argument_parser]") {
  const Example example;
  for (const char* word : {"--json", "--", "-", "-.5", "", "[a,b]", "a=b", "--x=y", " a "}) {
    CAPTURE(word);
    CHECK(example.Parsed({"--file", word}) == Pairs{{"--file", word}});
    CHECK(example.Parsed({std::string("--file=") + word}) == Pairs{{"--file", word}});
  }
}

TEST_CASE("numbers and a lone dash are arguments, and so is all behind two dashes", "[argument_parser]") {
  const Example example;
  CHECK(example.Parsed({"-1.5", "-.5", "-1e-3", "-inf", "-", "[1,2]", ""}) ==
        Pairs{{"FIRST", "-1.5"}, {"REST", "-.5"}, {"REST", "-1e-3"}, {"REST", "-inf"}, {"REST", "-"},
              {"REST", "[1,2]"}, {"REST", ""}});
  CHECK(example.Parsed({"--", "--json", "--", "--file"}) ==
        Pairs{{"FIRST", "--json"}, {"REST", "--"}, {"REST", "--file"}});
}

TEST_CASE("a word that has no place is named, the first of them, with what was meant", "[argument_parser]") {
  CommandDefinition app("example");
  bool json = false;
  std::string one;
  AddFlag(app, "--json", "as JSON", json);
  AddArgument(app, "ONE", "one word", one);
  const auto refused = [&](const std::vector<std::string>& words) {
    const Result<ParsedArguments> parsed = ParseArguments(app, words);
    REQUIRE(parsed);
    REQUIRE(parsed->unexpected);
    CHECK(parsed->unexpected->code == ErrorCode::kInvalidArgument);
    return parsed->unexpected->message;
  };
  CHECK(refused({"--jsno=1", "--other"}) == "unknown option '--jsno'; did you mean '--json'?");
  CHECK(refused({"--JSON"}) == "unknown option '--JSON'; 'iris-predictor example --help' lists the options");
  CHECK(refused({"--js"}).starts_with("unknown option '--js'"));  // names are written out
  CHECK(refused({"-e3"}).starts_with("unknown option '-e3'"));
  CHECK(refused({"--=1"}).starts_with("unknown option '--'"));
  CHECK(refused({"a", "b"}) == "unexpected argument 'b'; 'iris-predictor example --help' shows what example takes");
  CHECK(refused({"a", "--", "--json"}).starts_with("unexpected argument '--json'"));
}

TEST_CASE("an option at the end needs its value", "[argument_parser]") {
  const Example example;
  const Result<ParsedArguments> parsed = ParseArguments(example.app, std::vector<std::string>{"a", "--file"});
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error() == Error{ErrorCode::kInvalidArgument, "--file: needs a value, FILE"});
}

TEST_CASE("what the words say reaches the variables; a value that is wrong is told first", "[argument_parser]") {
  Example example;
  CHECK_FALSE(
      Parse(example.app, {"--json", "--file=a", "x", "--file=b", "y", "--listen", ":1", "--listen", ":2", "z"}));
  CHECK(example.json);
  CHECK(example.file == "b");
  CHECK(example.first == "x");
  CHECK(example.listen == std::vector<std::string>{":1", ":2"});
  CHECK(example.rest == std::vector<std::string>{"y", "z"});
  CHECK(example.app.Get("--file")->values == std::vector<std::string>{"b"});

  Example wrong;
  const std::optional<Failure> failure = Parse(wrong.app, {"--bogus", "--json=maybe", "--file="});
  REQUIRE(failure);
  CHECK(failure->message == "--file: found '', expected FILE");  // the first of the options in their order
}

TEST_CASE("flags take the words for true and false, from the line and from their variable", "[argument_parser]") {
  const auto flag = [](const std::vector<std::string>& words) -> std::optional<bool> {
    Example example;
    if (Parse(example.app, words)) return std::nullopt;
    return example.json;
  };
  for (const char* word : {"1", "true", "TRUE", "yes", "on", "enable", "t", "y", "12"}) {
    CAPTURE(word);
    CHECK(flag({std::string("--json=") + word}) == true);
    const ScopedVariable variable("IRIS_JSON", word);
    CHECK(flag({}) == true);
    CHECK(flag({"--json=no"}) == false);
  }
  for (const char* word : {"0", "false", "No", "off", "disable", "f", "n", "-1"}) {
    CAPTURE(word);
    CHECK(flag({"--json", std::string("--json=") + word}) == false);  // the last one counts
    const ScopedVariable variable("IRIS_JSON", word);
    CHECK(flag({}) == false);
  }
  for (const char* word : {"maybe", " true", "1x", "99999999999999999999"}) {
    CAPTURE(word);
    CHECK_FALSE(flag({std::string("--json=") + word}));
    const ScopedVariable variable("IRIS_JSON", word);
    CHECK_FALSE(flag({}));
    CHECK(flag({"--json"}) == true);
  }
  const ScopedVariable empty("IRIS_JSON", "");
  CHECK(flag({}) == false);
  CHECK_FALSE(flag({"--help=true"}));
}

}  // namespace
}  // namespace iris
