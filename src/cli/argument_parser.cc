// SPDX-License-Identifier: Apache-2.0

#include "src/cli/argument_parser.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "src/base/number.h"
#include "src/cli/suggestion.h"

namespace iris {
namespace {

bool IsOptionName(const std::string& word) {
  return word.starts_with('-') && word != "-" && !ParseDouble(word);
}

std::string HelpOf(const CommandDefinition& command) { return "iris-predictor " + command.name() + " --help"; }

Error UnexpectedArgument(const CommandDefinition& command, const std::string& word) {
  return {ErrorCode::kInvalidArgument, "unexpected argument '" + word + "'; '" + HelpOf(command) + "' shows what " +
                                           command.name() + " takes"};
}

Error UnknownOption(const CommandDefinition& command, const std::string& name) {
  std::vector<std::string> known;
  for (const Option& option : command.options()) {
    if (option.kind != OptionKind::kArgument) known.push_back(option.name);
  }
  return {ErrorCode::kInvalidArgument, UnknownWord("option", name, NearestWord(name, known), HelpOf(command))};
}

/// Deals words that are no options to the arguments: one to each, all that are left to a repeatable one.
class ArgumentPlaces {
 public:
  explicit ArgumentPlaces(const CommandDefinition& command) : options_(command.options()), next_(options_.begin()) {}

  /// Where the next word belongs; null: nowhere.
  const Option* Next() {
    while (next_ != options_.end() && next_->kind != OptionKind::kArgument) ++next_;
    if (next_ == options_.end()) return nullptr;
    const Option* const option = &*next_;
    if (!option->repeatable) ++next_;
    return option;
  }

 private:
  const std::list<Option>& options_;
  std::list<Option>::const_iterator next_;
};

}  // namespace

Result<ParsedArguments> ParseArguments(const CommandDefinition& command, std::span<const std::string> words) {
  ParsedArguments parsed;
  ArgumentPlaces places(command);
  const auto refuse = [&parsed](Error error) {
    if (!parsed.unexpected) parsed.unexpected = std::move(error);
  };
  bool options_ended = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (options_ended || !IsOptionName(word)) {
      const Option* const argument = places.Next();
      if (argument != nullptr) parsed.given.push_back({argument, word});
      else refuse(UnexpectedArgument(command, word));
      continue;
    }
    if (word == "--") {
      options_ended = true;
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const Option* const option = command.Find(name);
    if (option == nullptr) {
      refuse(UnknownOption(command, name));
    } else if (equals != std::string::npos) {
      parsed.given.push_back({option, word.substr(equals + 1)});
    } else if (option->kind == OptionKind::kFlag) {
      parsed.given.push_back({option, "true"});
    } else if (i + 1 == words.size()) {
      return Fail(ErrorCode::kInvalidArgument, name + ": needs a value, " + option->value_name);
    } else {
      parsed.given.push_back({option, words[++i]});
    }
  }
  return parsed;
}

Result<void> GiveArguments(CommandDefinition& command, std::span<const std::string> words) {
  Result<ParsedArguments> parsed = ParseArguments(command, words);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  for (Option& option : command.options()) {
    std::vector<std::string> texts;
    for (GivenText& given : parsed->given) {
      if (given.option == &option) texts.push_back(std::move(given.text));
    }
    ValueSource source = ValueSource::kFlag;
    if (texts.empty() && !option.variable.empty()) {
      const char* const variable = std::getenv(option.variable.c_str());
      if (variable != nullptr && *variable != '\0') texts.emplace_back(variable);
      source = ValueSource::kEnvironment;
    }
    if (texts.empty()) continue;
    Result<void> taken = Give(option, std::move(texts), source);
    if (!taken) return taken;
  }
  if (parsed->unexpected) return std::unexpected(*std::move(parsed->unexpected));
  return {};
}

}  // namespace iris
