// SPDX-License-Identifier: Apache-2.0
//
// From the words on the command line to a command that runs: dispatch, help, and what is said about mistakes.

#include <algorithm>
#include <optional>
#include <vector>

#include "src/cli/argument_parser.h"
#include "src/cli/command.h"
#include "src/cli/command_definition.h"
#include "src/cli/console.h"
#include "src/cli/help.h"
#include "src/cli/settings.h"
#include "src/cli/suggestion.h"

namespace iris {
namespace {

ExitCode UsageError(const std::string& message) {
  PrintMessage(message);
  return ExitCode::kUsage;
}

const Command* FindCommand(const std::string& name) {
  const std::span<const Command> commands = Commands();
  const auto found = std::ranges::find_if(commands, [&](const Command& command) { return command.name == name; });
  return found == commands.end() ? nullptr : &*found;
}

bool AsksForHelp(std::span<const std::string> arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") return false;
    if (argument == "--help" || argument == "-h") return true;
  }
  return false;
}

/// The file that holds settings for `app`, if one is asked for.
Result<std::optional<ConfigFile>> FindConfigFile(const CommandDefinition& app) {
  const std::string path = ConfigPath(app);
  if (path.empty()) return std::nullopt;
  Result<ConfigFile> file = LoadConfigFile(path);
  if (file) return *std::move(file);
  Error error = std::move(file.error());
  if (error.code == ErrorCode::kIo) {
    error.message = NameInMessages(*app.Get("--config")) + ": " + error.message;
  }
  return std::unexpected(std::move(error));
}

ExitCode RunCommand(const Command& command, std::span<const std::string> arguments) {
  Result<std::optional<ConfigFile>> file;  // outlives the definition, which borrows it
  CommandDefinition app(command.name);
  const std::function<ExitCode()> run = command.define(app);
  if (AsksForHelp(arguments)) return PrintResult(CommandHelp(command, app));
  const Result<void> given = GiveArguments(app, arguments);
  if (!given) return Report(given.error());
  file = FindConfigFile(app);
  if (!file) return Report(file.error());
  const Result<void> applied = *file ? ApplySettings(**file, SectionOf(command.name), app) : Result<void>();
  if (!applied) return Report(applied.error());
  return run();
}

}  // namespace

ExitCode RunCommandLine(std::span<const std::string> arguments) {
  if (arguments.empty()) {
    PrintNotice(ProgramHelp());
    return ExitCode::kUsage;
  }
  const std::string& first = arguments[0];
  if (first == "--help" || first == "-h" || (first == "help" && (arguments.size() == 1 || arguments[1] == first))) {
    return PrintResult(ProgramHelp());
  }
  const std::string& name = first == "help" ? arguments[1] : first;
  const Command* command = FindCommand(first == "--version" ? "version" : name);
  if (command == nullptr) {
    const bool is_option = name.starts_with('-');
    std::vector<std::string> known = {"--help", "--version"};
    if (!is_option) {
      known = {"help"};
      for (const Command& each : Commands()) known.emplace_back(each.name);
    }
    const char* const kind = is_option ? "option" : "command";
    return UsageError(UnknownWord(kind, name, NearestWord(name, known), "iris-predictor --help"));
  }
  if (first == "help") return RunCommand(*command, std::vector<std::string>{"--help"});
  return RunCommand(*command, arguments.subspan(1));
}

}  // namespace iris
