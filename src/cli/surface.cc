// SPDX-License-Identifier: Apache-2.0

#include "src/cli/surface.h"

#include <algorithm>
#include <cctype>
#include <functional>

#include "src/cli/command.h"
#include "src/cli/command_definition.h"
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

SurfaceOption Described(const Option& option) {
  SurfaceOption described{.names = {option.name}, .value_name = option.value_name, .description = option.description,
                          .variable = option.variable, .default_value = option.default_text,
                          .choices = ChoicesOf(option.value_name), .repeatable = option.repeatable};
  if (!option.short_name.empty()) described.names.insert(described.names.begin(), option.short_name);
  return described;
}

}  // namespace

std::vector<SurfaceCommand> Surface() {
  std::vector<SurfaceCommand> surface;
  for (const Command& command : Commands()) {
    CommandDefinition app(command.name);
    const std::function<ExitCode()> run = command.define(app);
    SurfaceCommand described{.name = command.name, .summary = command.summary, .example = command.example,
                             .footer = app.footer(), .arguments = {}, .options = {}};
    for (const Option& option : app.options()) {
      if (option.kind == OptionKind::kArgument) {
        const bool subject = option.value_name == kSubjectName;
        described.arguments.push_back({.value_name = option.value_name,
                                       .description = option.description,
                                       .choices = subject ? PrintSubjects() : std::vector<std::string>()});
      } else {
        described.options.push_back(Described(option));
      }
    }
    surface.push_back(std::move(described));
  }
  return surface;
}

bool IsFileName(const std::string& value_name) { return value_name == "FILE" || value_name == "MODEL"; }

bool IsFolderName(const std::string& value_name) { return value_name == "DIR"; }

}  // namespace iris
