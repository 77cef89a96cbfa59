// SPDX-License-Identifier: Apache-2.0

#include "src/cli/misspelled_variables.h"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/cli/command.h"
#include "src/cli/command_definition.h"
#include "src/cli/suggestion.h"
#include "src/system/log.h"
#include "src/system/log_line.h"

namespace iris {
namespace {

constexpr std::string_view kPrefix = "IRIS_";

/// What follows kPrefix in the variables that the options of `app` take.
std::vector<std::string> VariablesOf(const CommandDefinition& app) {
  std::vector<std::string> names;
  for (const Option& option : app.options()) {
    if (option.variable.starts_with(kPrefix)) names.push_back(option.variable.substr(kPrefix.size()));
  }
  return names;
}

bool IsOfSomeCommand(const std::string& name) {
  return std::ranges::any_of(Commands(), [&](const Command& command) {
    CommandDefinition app;
    const std::function<ExitCode()> run = command.define(app);
    const std::vector<std::string> names = VariablesOf(app);
    return std::ranges::find(names, name) != names.end();
  });
}

}  // namespace

void WarnOfMisspelledVariables(const CommandDefinition& app) {
  const std::vector<std::string> known = VariablesOf(app);
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (!text.starts_with(kPrefix)) continue;
    const std::string name(text.substr(kPrefix.size(), text.find('=') - kPrefix.size()));
    const std::optional<std::string> meant = NearestWord(name, known);
    if (!meant || *meant == name || IsOfSomeCommand(name)) continue;
    Log(LogLevel::kWarning, "the variable IRIS_" + Printable(name) + " is no setting; did you mean IRIS_" + *meant + "?");
  }
}

}  // namespace iris
