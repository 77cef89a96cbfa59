// SPDX-License-Identifier: Apache-2.0

#include "src/cli/completion.h"

#include <string_view>
#include <vector>

#include "src/cli/surface.h"

namespace iris {
namespace {

using namespace std::string_literals;

constexpr const char* kMadeBy = "# Completion for iris-predictor, made by 'iris-predictor print completion'.\n";

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// `text` with every character of `special` behind a backslash.
std::string Escaped(std::string_view text, std::string_view special) {
  std::string escaped;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// In single quotes, as a POSIX shell and zsh read them.
std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''"s : std::string(1, c);
  return quoted + "'";
}

std::vector<std::string> Names(const std::vector<SurfaceCommand>& surface) {
  std::vector<std::string> names;
  for (const SurfaceCommand& command : surface) names.push_back(command.name);
  return names;
}

std::vector<std::string> OptionNames(const SurfaceCommand& command) {
  std::vector<std::string> names;
  for (const SurfaceOption& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

/// What an option's or argument's value is completed with, in bash.
std::string BashValue(const std::string& value_name, const std::vector<std::string>& choices) {
  if (!choices.empty()) return "_iris_predictor_words '" + Joined(choices) + "'";
  if (IsFileName(value_name)) return "_iris_predictor_files -f";
  if (IsFolderName(value_name)) return "_iris_predictor_files -d";
  return ":";
}

/// In zsh: the action of _arguments.
std::string ZshValue(const std::string& value_name, const std::vector<std::string>& choices) {
  if (!choices.empty()) return "(" + Joined(choices) + ")";
  if (IsFileName(value_name)) return "_files";
  if (IsFolderName(value_name)) return "_files -/";
  return " ";
}

/// In fish: the options of complete.
std::string FishValue(const std::string& value_name, const std::vector<std::string>& choices) {
  if (value_name.empty()) return "";
  if (!choices.empty()) return " -x -a '" + Joined(choices) + "'";
  if (IsFileName(value_name)) return " -r -F";
  if (IsFolderName(value_name)) return " -x -a '(__fish_complete_directories)'";
  return " -x";
}

}  // namespace

std::string BashCompletion() {
  const std::vector<SurfaceCommand> surface = Surface();
  std::string text = kMadeBy + R"(_iris_predictor_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }
_iris_predictor_files() {
  mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
  compopt -o filenames 2>/dev/null
}
_iris_predictor() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
  # --option=value is three words to bash.
  if [[ $current == '=' ]]; then
    current=
  elif [[ $previous == '=' ]] && ((COMP_CWORD > 2)); then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
)"s;
  const std::string commands = Joined(Names(surface)) + " help";
  text += "    _iris_predictor_words '" + commands + " --help --version'\n    return\n  fi\n";
  text += "  if [[ $command == help ]]; then\n    _iris_predictor_words '" + commands + "'\n    return\n  fi\n";
  text += "  case \"$command $previous\" in\n";
  for (const SurfaceCommand& command : surface) {
    for (const SurfaceOption& option : command.options) {
      if (option.value_name.empty()) continue;
      text += "    '" + command.name + " " + option.name() + "') " + BashValue(option.value_name, option.choices) +
              "; return ;;\n";
    }
  }
  text += "  esac\n  case \"$command\" in\n";
  for (const SurfaceCommand& command : surface) {
    text += "    " + command.name + ")\n      if [[ $current == -* ]]; then\n        _iris_predictor_words '" +
            Joined(OptionNames(command)) + "'\n";
    if (command.arguments.empty()) {
      text += "      else\n        _iris_predictor_words '" + Joined(OptionNames(command)) + "'\n";
    } else {
      const SurfaceArgument& first = command.arguments.front();
      text += "      elif ((COMP_CWORD == 2)); then\n        " + BashValue(first.value_name, first.choices) + "\n";
    }
    text += "      fi ;;\n";
  }
  return text + "  esac\n}\ncomplete -F _iris_predictor iris-predictor\n";
}

std::string ZshCompletion() {
  const std::vector<SurfaceCommand> surface = Surface();
  std::string text = "#compdef iris-predictor\n"s + kMadeBy +
                     "_iris_predictor() {\n  local -a commands=(\n";
  for (const SurfaceCommand& command : surface) {
    text += "    " + Quoted(command.name + ":" + Escaped(command.summary, ":\\")) + "\n";
  }
  text += R"(    'help:show the help of a command'
  )
  if (( CURRENT == 2 )); then
    _describe -t commands command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
    help) _describe -t commands command commands ;;
)";
  for (const SurfaceCommand& command : surface) {
    text += "    " + command.name + ")\n      _arguments -S";
    for (const SurfaceOption& option : command.options) {
      for (const std::string& name : option.names) {
        const bool value = !option.value_name.empty();
        std::string spec = (option.repeatable ? "*" : "(" + Joined(option.names) + ")") + name + (value ? "=" : "");
        spec += "[" + Escaped(option.description, "[]:\\") + "]";
        if (value) spec += ":" + Escaped(option.value_name, ":\\") + ":" + ZshValue(option.value_name, option.choices);
        text += " \\\n        " + Quoted(spec);
      }
    }
    for (const SurfaceArgument& argument : command.arguments) {
      text += " \\\n        " +
              Quoted(":" + Escaped(argument.value_name, ":\\") + ":" + ZshValue(argument.value_name, argument.choices));
    }
    text += " ;;\n";
  }
  return text + R"(  esac
}
if [[ $funcstack[1] == _iris-predictor ]]; then
  _iris_predictor "$@"
else
  compdef _iris_predictor iris-predictor
fi
)";
}

std::string FishCompletion() {
  const std::vector<SurfaceCommand> surface = Surface();
  const auto quoted = [](const std::string& words) { return "'" + Escaped(words, "'\\") + "'"; };
  std::string text = kMadeBy + "complete -c iris-predictor -f\n"s;
  const std::string first = "complete -c iris-predictor -n __fish_use_subcommand";
  for (const SurfaceCommand& command : surface) {
    text += first + " -a " + command.name + " -d " + quoted(command.summary) + "\n";
  }
  text += first + " -a help -d 'show the help of a command'\n" + first + " -s h -l help -d 'show the help'\n" + first +
          " -l version -d 'show the version'\n";
  text += "complete -c iris-predictor -n '__fish_seen_subcommand_from help' -a '" + Joined(Names(surface)) + "'\n";
  for (const SurfaceCommand& command : surface) {
    const std::string begin = "complete -c iris-predictor -n '__fish_seen_subcommand_from " + command.name + "'";
    for (const SurfaceArgument& argument : command.arguments) {
      if (IsFileName(argument.value_name)) text += begin + " -F\n";
      else if (!argument.choices.empty()) text += begin + " -a '" + Joined(argument.choices) + "'\n";
    }
    for (const SurfaceOption& option : command.options) {
      text += begin;
      for (const std::string& name : option.names) {
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      text += FishValue(option.value_name, option.choices) + " -d " + quoted(option.description) + "\n";
    }
  }
  return text;
}

}  // namespace iris
