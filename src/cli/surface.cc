// SPDX-License-Identifier: Apache-2.0

#include "src/cli/surface.h"

#include <algorithm>
#include <cctype>
#include <functional>

#include <CLI/CLI.hpp>

#include "src/cli/command.h"
#include "src/cli/help.h"
#include "src/cli/options.h"
#include "src/cli/print.h"

namespace iris {
namespace {

/// "text|json": both; nothing where a part is a placeholder ("NAME|N") or there is but one.
std::vector<std::string> ChoicesOf(const std::string& value_name) {
  std::vector<std::string> choices;
  for (std::size_t begin = 0; begin <= value_name.size();) {
    const std::size_t end = std::min(value_name.find('|', begin), value_name.size());
    choices.push_back(value_name.substr(begin, end - begin));
    begin = end + 1;
  }
  const auto is_placeholder = [](const std::string& word) {
    return word.empty() || std::ranges::any_of(word, [](unsigned char c) { return std::isupper(c) != 0; });
  };
  if (choices.size() < 2) return {};
  std::erase_if(choices, is_placeholder);
  return choices;
}

SurfaceOption Described(const CLI::Option& option) {
  SurfaceOption described{.names = {}, .value_name = IsFlag(option) ? "" : option.get_type_name(),
                          .description = option.get_description(), .variable = option.get_envname(),
                          .default_value = option.get_default_str(), .choices = {},
                          .repeatable = IsRepeatable(option)};
  for (const std::string& name : option.get_snames()) described.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) described.names.push_back("--" + name);
  described.choices = ChoicesOf(described.value_name);
  return described;
}

}  // namespace

std::vector<SurfaceCommand> Surface() {
  std::vector<SurfaceCommand> surface;
  for (const Command& command : Commands()) {
    CLI::App app(command.summary, command.name);
    app.set_help_flag(kHelpFlag, kHelpDescription);
    const std::function<ExitCode()> run = command.define(app);
    SurfaceCommand described{.name = command.name, .summary = command.summary, .example = command.example,
                             .footer = app.get_footer(), .arguments = {}, .options = {}};
    for (const CLI::Option* option : app.get_options()) {
      if (option->get_positional()) {
        const bool subject = option->get_type_name() == kSubjectName;
        described.arguments.push_back({.value_name = option->get_type_name(),
                                       .description = option->get_description(),
                                       .choices = subject ? PrintSubjects() : std::vector<std::string>()});
      } else {
        described.options.push_back(Described(*option));
      }
    }
    surface.push_back(std::move(described));
  }
  return surface;
}

bool IsFileName(const std::string& value_name) { return value_name == "FILE" || value_name == "MODEL"; }

bool IsFolderName(const std::string& value_name) { return value_name == "DIR"; }

}  // namespace iris
