// SPDX-License-Identifier: Apache-2.0

#include "src/cli/help.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include "catch_amalgamated.hpp"
#include "src/cli/command_definition.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("the table's rows are complete and their names unique", "[commands]") {
  std::set<std::string> names;
  for (const Command& command : Commands()) {
    const std::string name = command.name;
    INFO(name);
    CHECK(names.insert(name).second);
    CHECK_FALSE(name.empty());
    for (const char c : name) CHECK(std::islower(static_cast<unsigned char>(c)));
    const std::string summary = command.summary;
    CHECK_FALSE(summary.empty());
    CHECK_FALSE(summary.ends_with('.'));
    CHECK(std::string(command.example).starts_with("iris-predictor " + name));
    CHECK(command.define != nullptr);
  }
  for (const char* wanted :
       {"serve", "train", "predict", "evaluate", "inspect", "convert", "healthcheck", "bench", "print", "version"}) {
    CHECK(names.contains(wanted));
  }
}

TEST_CASE("the program's help starts with an example and lists every command", "[help]") {
  const std::string help = ProgramHelp();
  CHECK(help.starts_with("Example:\n  iris-predictor "));
  for (const Command& command : Commands()) {
    CHECK_THAT(help, ContainsSubstring(std::string("\n  ") + command.name + " "));
    CHECK_THAT(help, ContainsSubstring(std::string(command.summary).substr(0, 20)));
  }
}

TEST_CASE("help claims no more than is so", "[help]") {
  CHECK_THAT(ProgramHelp(), ContainsSubstring("Iris flowers over gRPC, and the samples of any linear model from its"));
  CommandDefinition app("predict");
  const auto commands = Commands();
  const auto predict =
      std::ranges::find_if(commands, [](const Command& c) { return std::string(c.name) == "predict"; });
  REQUIRE(predict != commands.end());
  const std::function<ExitCode()> run = predict->define(app);
  CHECK_THAT(CommandHelp(*predict, app), ContainsSubstring("the names printed beside it are those of the three Iris"));
}

TEST_CASE("a command's help starts with its example and shows every option and variable", "[help]") {
  for (const Command& command : Commands()) {
    CommandDefinition app(command.name);
    const std::function<ExitCode()> run = command.define(app);
    REQUIRE(run);
    const std::string help = CommandHelp(command, app);
    INFO(help);
    CHECK(help.starts_with(std::string("Example:\n  ") + command.example + "\n"));
    CHECK_THAT(help, ContainsSubstring(std::string("Usage: iris-predictor ") + command.name));
    for (const Option& option : app.options()) {
      INFO(option.name);
      CHECK_THAT(help, ContainsSubstring(option.name));
      CHECK_FALSE(option.description.empty());
      if (option.kind == OptionKind::kArgument || option.name == "--help") continue;
      // IRIS_<OPTION>, whatever the option.
      std::string variable = "IRIS_";
      for (const char c : option.name.substr(2)) {
        variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      }
      CHECK(option.variable == variable);
      CHECK_THAT(help, ContainsSubstring(variable));
    }
  }
}

TEST_CASE("no line of any help is wider than 110 columns or ends in a blank", "[help]") {
  std::vector<std::string> texts = {ProgramHelp()};
  for (const Command& command : Commands()) {
    CommandDefinition app(command.name);
    const std::function<ExitCode()> run = command.define(app);
    texts.push_back(CommandHelp(command, app));
  }
  for (const std::string& text : texts) {
    REQUIRE(text.ends_with('\n'));
    std::size_t begin = 0;
    while (begin < text.size()) {
      const std::size_t end = text.find('\n', begin);
      const std::string line = text.substr(begin, end - begin);
      INFO(line);
      CHECK(line.size() <= 110);
      CHECK_FALSE(line.ends_with(' '));
      begin = end + 1;
    }
  }
}

}  // namespace
}  // namespace iris
