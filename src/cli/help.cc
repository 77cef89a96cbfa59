// SPDX-License-Identifier: Apache-2.0

#include "src/cli/help.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

#include "src/cli/command_definition.h"

namespace iris {
namespace {

constexpr std::size_t kLineWidth = 100;

/// One row of a two-column list.
struct Entry {
  std::string label;
  std::string text;
};

/// Appends `text` to `out` word by word, broken before kLineWidth, lines after the first indented by `indent`.
void AppendWrapped(std::string& out, std::string_view text, std::size_t indent) {
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (column > indent && column + 1 + word.size() > kLineWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  out += '\n';
}

std::string List(const std::string& heading, const std::vector<Entry>& entries) {
  constexpr std::size_t kWidestLabel = 30;  // a longer one has its text on the next line
  std::size_t width = 0;
  for (const Entry& entry : entries) {
    if (entry.label.size() <= kWidestLabel) width = std::max(width, entry.label.size());
  }
  const std::size_t indent = 2 + width + 2;
  std::string out = "\n" + heading + ":\n";
  for (const Entry& entry : entries) {
    out += "  " + entry.label;
    out += entry.label.size() <= width ? std::string(width + 2 - entry.label.size(), ' ')
                                       : "\n" + std::string(indent, ' ');
    AppendWrapped(out, entry.text, indent);
  }
  return out;
}

Entry OptionEntry(const Option& option) {
  std::string label = option.short_name.empty() ? option.name : option.short_name + ", " + option.name;
  if (!option.value_name.empty()) label += " " + option.value_name;
  std::string text = option.description;
  std::string note = option.variable;
  if (!option.default_text.empty()) note += (note.empty() ? "default " : "; default ") + option.default_text;
  if (!note.empty()) text += " [" + note + "]";
  return {std::move(label), std::move(text)};
}

}  // namespace

std::span<const ExitCodeMeaning> ExitCodes() {
  static constexpr ExitCodeMeaning kCodes[] = {
      {ExitCode::kOk, "done"},
      {ExitCode::kCheckFailed, "the check failed"},
      {ExitCode::kUsage, "usage"},
      {ExitCode::kBadData, "bad data or model"},
      {ExitCode::kUnavailable, "server unavailable"},
      {ExitCode::kIo, "input or output failed"},
      {ExitCode::kConfiguration, "configuration (environment variable, configuration file, address)"},
  };
  return kCodes;
}

std::string ProgramHelp() {
  std::string out =
      "Example:\n"
      "  iris-predictor serve                      # train the embedded Iris model and answer on port 50052\n"
      "  iris-predictor predict 5.0 3.6 1.3 0.25   # ask it: prints \"0 setosa\"\n"
      "\n"
      "Classifies Iris flowers over gRPC, and the samples of any linear model from its file.\n"
      "\n"
      "Usage: iris-predictor COMMAND [options]\n";
  std::vector<Entry> commands;
  for (const Command& command : Commands()) commands.push_back({command.name, command.summary});
  commands.push_back({"help", "show this help, or that of a command"});
  out += List("Commands", commands);
  out += List("Options", {{"-h, --help", "show this help, or, after a command, that command's"},
                          {"--version", "show the version"}});
  out +=
      "\n"
      "Every option of a command can also be set by an environment variable; its help names it. A flag wins. Commands\n"
      "with --config take what neither sets from a JSON file: {\"serve\": {\"drain-timeout\": 20}}.\n"
      "Exit codes: ";
  std::string codes;
  for (const ExitCodeMeaning& each : ExitCodes()) {
    codes += (codes.empty() ? "" : "; ") + std::to_string(static_cast<int>(each.code)) + " " + each.meaning;
  }
  AppendWrapped(out, codes + ".", 0);
  return out;
}

std::string CommandHelp(const Command& command, const CommandDefinition& app) {
  std::string usage = std::string("Usage: iris-predictor ") + command.name + " [options]";
  std::vector<Entry> arguments, options;
  for (const Option& option : app.options()) {
    if (option.kind == OptionKind::kArgument) {
      usage += " [" + option.value_name + "]";
      arguments.push_back({option.value_name, option.description});
    } else {
      options.push_back(OptionEntry(option));
    }
  }
  std::string summary = command.summary;
  summary[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(summary[0])));
  std::string out = std::string("Example:\n  ") + command.example + "\n\n" + summary + ".\n\n" + usage + "\n";
  if (!arguments.empty()) out += List("Arguments", arguments);
  out += List("Options", options);
  if (!app.footer().empty()) {
    out += '\n';
    AppendWrapped(out, app.footer(), 0);
  }
  return out;
}

}  // namespace iris
