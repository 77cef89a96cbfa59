// SPDX-License-Identifier: Apache-2.0

#include "src/cli/man_page.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include "src/cli/help.h"
#include "src/cli/surface.h"

namespace iris {
namespace {

/// When what is said below was last changed: a date of the build would make every build another one.
constexpr const char* kDate = "2026-11-22";

/// Text that roff shows as it is: hyphens that can be copied, no escapes, no line that is a request.
std::string Plain(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c == '\\') {
      plain += "\\e";
    } else if (c == '-') {
      plain += "\\-";
    } else if (c == '\'') {
      plain += "\\(aq";
    } else {
      plain += c;
    }
  }
  if (plain.starts_with('.')) plain.insert(0, "\\&");
  return plain;
}

/// As a sentence: with a capital and a full stop.
std::string Sentence(std::string text) {
  if (text.empty()) return text;
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  if (!text.ends_with('.')) text += '.';
  return text;
}

/// Lines of a paragraph: sentences begin on lines of their own, as roff wants them, and no line is very long.
std::string Paragraph(std::string_view text) {
  constexpr std::size_t kWidth = 78;
  std::string out;
  std::size_t column = 0;
  bool sentence_ended = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string word = Plain(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (column > 0) {
      const bool fits = !sentence_ended && column + 1 + word.size() <= kWidth;
      out += fits ? ' ' : '\n';
      column = fits ? column + 1 : 0;
    }
    out += word;
    column += word.size();
    sentence_ended = word.ends_with('.');
  }
  return out + "\n";
}

std::string Heading(const std::string& name) { return ".SH " + name + "\n"; }

std::string Example(std::string_view lines) {
  std::string out = ".PP\n.nf\n.RS 4\n";
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    out += Plain(lines.substr(0, end)) + "\n";
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return out + ".RE\n.fi\n";
}

std::string OptionText(const SurfaceOption& option) {
  std::string text = ".TP\n";
  std::string names;
  for (const std::string& name : option.names) names += (names.empty() ? "" : ", ") + ("\\fB" + Plain(name) + "\\fR");
  text += names + (option.value_name.empty() ? "" : " \\fI" + Plain(option.value_name) + "\\fR") + "\n";
  std::string note;
  if (!option.default_value.empty()) note += " Default: " + option.default_value + ".";
  if (!option.variable.empty()) note += " Variable: " + option.variable + ".";
  return text + Paragraph(Sentence(option.description) + note);
}

std::string CommandText(const SurfaceCommand& command) {
  std::string usage = "\\fBiris\\-predictor " + command.name + "\\fR [\\fIoptions\\fR]";
  for (const SurfaceArgument& argument : command.arguments) usage += " [\\fI" + Plain(argument.value_name) + "\\fR]";
  std::string text = ".SS " + command.name + "\n" + usage + "\n.PP\n" + Paragraph(Sentence(command.summary));
  text += Example(command.example);
  for (const SurfaceArgument& argument : command.arguments) {
    text += ".TP\n\\fI" + Plain(argument.value_name) + "\\fR\n" + Paragraph(Sentence(argument.description));
  }
  for (const SurfaceOption& option : command.options) text += OptionText(option);
  if (!command.footer.empty()) text += ".PP\n" + Paragraph(command.footer);
  return text;
}

}  // namespace

std::string ManPage() {
  const std::vector<SurfaceCommand> surface = Surface();
  std::string text = ".\\\" SPDX-License-Identifier: Apache-2.0\n.\\\" Made by 'iris-predictor print man'.\n";
  text += ".TH IRIS-PREDICTOR 1 \"" + std::string(kDate) + "\" \"iris-predictor " IRIS_VERSION "\" ";
  text += "\"User Commands\"\n";
  text += Heading("NAME") + "iris\\-predictor \\- classify Iris flowers, and the samples of any linear model\n";
  text += Heading("SYNOPSIS") + "\\fBiris\\-predictor\\fR \\fICOMMAND\\fR [\\fIoptions\\fR]\n";
  text += Heading("DESCRIPTION") +
          Paragraph("One program that trains a linear support vector machine, serves it over gRPC, asks such a server "
                    "and says how well it does. Results go to standard output, messages to standard error. Times are "
                    "in UTC, as RFC 3339 writes them.");
  text += Heading("COMMANDS");
  for (const SurfaceCommand& command : surface) text += CommandText(command);
  text += ".SS help\n" + Paragraph("Show the commands, or the help of one of them.");
  text += Heading("ENVIRONMENT") +
          Paragraph("Every option can be set by the variable that stands with it; a flag wins. Lists are separated by "
                    "commas. An empty variable is none.");
  text += Heading("CONFIGURATION FILE") +
          Paragraph("What neither a flag nor a variable sets, a command with --config takes from that file: one JSON "
                    "object, in which each key is the name of a command, and its value an object of settings, called "
                    "like the options without the dashes. Numbers may be numbers, options that may be repeated take an "
                    "array, options without a value true or false. A name that no option has, or a value that it would "
                    "refuse, ends the command with code 78 and FILE:LINE:COLUMN of the place.") +
          Example("{\n  \"serve\": {\n    \"listen\": [\"[::]:50052\", \"unix:/run/iris.sock\"],\n"
                  "    \"drain-timeout\": 20,\n    \"log-format\": \"json\"\n  }\n}") +
          Paragraph("'iris-predictor config' shows what comes of flags, variables and file.");
  text += Heading("EXIT STATUS");
  for (const ExitCodeMeaning& each : ExitCodes()) {
    text += ".TP\n\\fB" + std::to_string(static_cast<int>(each.code)) + "\\fR\n" + Paragraph(Sentence(each.meaning));
  }
  return text;
}

}  // namespace iris
