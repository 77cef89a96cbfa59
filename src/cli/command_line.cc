// SPDX-License-Identifier: Apache-2.0
//
// From the words on the command line to a command that runs: dispatch, help, and what is said about mistakes.

#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <vector>

#include <CLI/CLI.hpp>

#include "src/base/number.h"
#include "src/cli/command.h"
#include "src/cli/configured_app.h"
#include "src/cli/console.h"
#include "src/cli/help.h"
#include "src/cli/options.h"
#include "src/cli/out_of_memory.h"
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

ExitCode UnexpectedWord(const Command& command, const CLI::App& app, const std::string& word) {
  const std::string help = std::string("iris-predictor ") + command.name + " --help";
  if (!word.starts_with('-') || word == "-" || ParseDouble(word)) {
    return UsageError("unexpected argument '" + word + "'; '" + help + "' shows what " + command.name + " takes");
  }
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  const std::string option = word.substr(0, word.find('='));
  return UsageError(UnknownWord("option", option, NearestWord(option, known), help));
}

/// What to say of an error of CLI11's own. Values are checked by our code (options.h), so little is left: an option
/// without its value, a flag with one.
ExitCode ParseError(const Command& command, const CLI::App& app, const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr) {
    PrintMessage(error.what());
    return static_cast<ExitCode>(error.get_exit_code());
  }
  const std::string text = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const CLI::Option* option = app.get_option_no_throw(text.substr(0, text.find(':')));
    if (option != nullptr) return UsageError(option->get_name() + ": needs a value, " + option->get_type_name());
  }
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_expected_max() != 0 || option->count() == 0) continue;
    const std::string value = option->results().back();
    if (value == "true" || value == "false") continue;
    const bool from_flag = SourceOf(app, option) == ValueSource::kFlag;
    PrintMessage(NameInMessages(app, option) + ": found '" + value + "', expected " +
                 (from_flag ? "no value" : "true or false"));
    return from_flag ? ExitCode::kUsage : ExitCode::kConfiguration;
  }
  return UsageError(text + "; see 'iris-predictor " + command.name + " --help'");
}

/// The file that holds settings for `app`, if one is asked for.
Result<std::optional<ConfigFile>> FindConfigFile(const ConfiguredApp& app) {
  const std::string path = ConfigPath(app);
  if (path.empty()) return std::nullopt;
  Result<ConfigFile> file = LoadConfigFile(path);
  if (file) return *std::move(file);
  Error error = std::move(file.error());
  if (error.code == ErrorCode::kIo) {
    error.message = NameInMessages(app, app.get_option("--config")) + ": " + error.message;
  }
  return std::unexpected(std::move(error));
}

ExitCode RunCommand(const Command& command, std::span<const std::string> arguments) {
  Result<std::optional<ConfigFile>> file;  // outlives the application, which borrows it
  ConfiguredApp app(command.summary, command.name);
  app.set_help_flag(kHelpFlag, kHelpDescription);
  app.allow_extras();  // so that we see them all and can suggest what was meant
  const std::function<ExitCode()> run = command.define(app);
  if (AsksForHelp(arguments)) return PrintResult(CommandHelp(command, app));

  std::vector<std::string> words;
  for (const std::string& argument : arguments) words.push_back(ShieldedWord(argument));
  std::ranges::reverse(words);  // CLI11 wants the last first
  try {
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return ParseError(command, app, error);
  }
  std::vector<std::string> extras = app.remaining();
  std::erase(extras, "--");  // CLI11 keeps the mark itself among them
  if (!extras.empty()) return UnexpectedWord(command, app, UnshieldedWord(extras.front()));
  file = FindConfigFile(app);
  if (!file) return Report(file.error());
  try {
    const Result<void> applied = *file ? ApplySettings(**file, SectionOf(command.name), app) : Result<void>();
    if (!applied) return Report(applied.error());
  } catch (const CLI::ParseError& error) {
    return ParseError(command, app, error);
  }
  return run();
}

ExitCode Dispatch(std::span<const std::string> arguments) {
  if (arguments.empty()) {
    PrintNotice(ProgramHelp());
    return ExitCode::kUsage;
  }
  const std::string& first = arguments[0];
  if (first == "--help" || first == "-h" || (first == "help" && arguments.size() == 1)) {
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

}  // namespace

ExitCode RunCommandLine(std::span<const std::string> arguments) {
  try {
    return Dispatch(arguments);
  } catch (const std::bad_alloc&) {
    PrintMessage(kOutOfMemory);
  } catch (const std::exception& error) {
    PrintMessage(std::string("internal error: ") + error.what() + "; please report this");
  }
  return ExitCode::kIo;
}

}  // namespace iris
