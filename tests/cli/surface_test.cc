// SPDX-License-Identifier: Apache-2.0
//
// Completions and man page against --help: each names every command, option, choice and variable, and nothing else.

#include "src/cli/surface.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/cli/command.h"
#include "src/cli/completion.h"
#include "src/cli/man_page.h"
#include "tests/cli/run.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;

/// The long options that a text names.
std::set<std::string> LongOptions(const std::string& text) {
  std::set<std::string> found;
  const auto is_part = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  for (std::size_t at = text.find("--"); at != std::string::npos; at = text.find("--", at)) {
    std::size_t end = at;
    while (end < text.size() && is_part(text[end])) ++end;
    if (end - at > 2) found.insert(text.substr(at, end - at));
    at = end;
  }
  return found;
}

/// Those that a command's --help lists, each at the beginning of a line.
std::set<std::string> HelpOptions(const std::string& command) {
  std::set<std::string> found;
  std::istringstream lines(Run({command, "--help"}).output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  -")) found.merge(LongOptions(line.substr(0, line.find("  ", 2))));
  }
  return found;
}

/// The part of `text` from `begin` to the next `end`.
std::string Part(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin);
  INFO(begin);
  REQUIRE(from != std::string::npos);
  return text.substr(from, text.find(end, from + begin.size()) - from);
}

std::string Unescaped(std::string text) {
  for (std::size_t at; (at = text.find("\\-")) != std::string::npos;) text.erase(at, 1);
  return text;
}

TEST_CASE("every command has the options that its help lists, everywhere", "[surface]") {
  const std::string bash = BashCompletion(), zsh = ZshCompletion(), fish = FishCompletion(), man = Unescaped(ManPage());
  const std::vector<SurfaceCommand> surface = Surface();
  CHECK(surface.size() == Commands().size());
  for (const SurfaceCommand& command : surface) {
    INFO(command.name);
    const std::set<std::string> help = HelpOptions(command.name);
    CHECK(help.contains("--help"));
    std::set<std::string> described;
    for (const SurfaceOption& option : command.options) described.insert(option.name());
    CHECK(described == help);
    CHECK(LongOptions(Part(bash, "\n    " + command.name + ")\n", ";;")) == help);

    std::set<std::string> of_zsh, of_fish, of_man;
    std::istringstream zsh_lines(Part(zsh, "\n    " + command.name + ")\n", " ;;\n"));
    for (std::string line; std::getline(zsh_lines, line);) of_zsh.merge(LongOptions(line.substr(0, line.find('['))));
    CHECK(of_zsh == help);
    std::istringstream fish_lines(fish);
    for (std::string line; std::getline(fish_lines, line);) {
      if (!line.starts_with("complete -c iris-predictor -n '__fish_seen_subcommand_from " + command.name + "' ")) continue;
      const std::size_t at = line.find(" -l ");
      if (at != std::string::npos) of_fish.insert("--" + line.substr(at + 4, line.find(' ', at + 4) - at - 4));
    }
    CHECK(of_fish == help);
    std::istringstream man_lines(Part(man, "\n.SS " + command.name + "\n", "\n.S"));
    for (std::string line; std::getline(man_lines, line);) {
      if (line.starts_with("\\fB-")) of_man.merge(LongOptions(line));
    }
    CHECK(of_man == help);
  }
}

TEST_CASE("every choice, variable and default of an option is in the man page, and choices complete", "[surface]") {
  const std::string bash = BashCompletion(), zsh = ZshCompletion(), fish = FishCompletion(), man = Unescaped(ManPage());
  std::size_t choices = 0;
  for (const SurfaceCommand& command : Surface()) {
    CHECK_THAT(man, ContainsSubstring(command.example));
    for (const SurfaceOption& option : command.options) {
      INFO(command.name + " " + option.name());
      if (!option.variable.empty()) CHECK_THAT(man, ContainsSubstring(option.variable));
      if (option.choices.empty()) continue;
      ++choices;
      std::string words;
      for (const std::string& choice : option.choices) words += (words.empty() ? "" : " ") + choice;
      CHECK_THAT(bash, ContainsSubstring("'" + command.name + " " + option.name() + "') _iris_predictor_words '" + words));
      CHECK_THAT(zsh, ContainsSubstring(":(" + words + ")'"));
      CHECK_THAT(fish, ContainsSubstring(" -l " + option.name().substr(2) + " -x -a '" + words + "'"));
    }
  }
  CHECK(choices >= 4);
}

TEST_CASE("what print prints is completed", "[surface]") {
  const std::vector<SurfaceCommand> surface = Surface();
  const auto print = std::ranges::find(surface, "print", &SurfaceCommand::name);
  REQUIRE(print != surface.end());
  CHECK(std::ranges::find(print->arguments[0].choices, "completion") != print->arguments[0].choices.end());
  CHECK(Run({"print", "completion", "bash"}).output == BashCompletion());
  CHECK(Run({"print", "completion", "zsh"}).output == ZshCompletion());
  CHECK(Run({"print", "completion", "fish"}).output == FishCompletion());
  CHECK(Run({"print", "man"}).output == ManPage());
  CheckRefused({"print", "completion", "bush"}, "unknown completion 'bush'; did you mean 'bash'?");
}

}  // namespace
}  // namespace iris
