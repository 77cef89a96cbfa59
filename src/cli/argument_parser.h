// SPDX-License-Identifier: Apache-2.0
//
// The words of a command line, sorted to the options and arguments of its command.
//
//   --name VALUE, --name=VALUE   an option; the word behind --name is its value whatever it looks like
//   --name                       a flag (--name=false, or any word that says so, takes it back)
//   --                           what follows are arguments
//   any other word               an argument; "-", "-1.5" and "-inf" are, since they are no option's name
//
// Names are written out, in their case. An option may stand before, between and behind arguments.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/cli/command_definition.h"

namespace iris {

/// What one option or argument is given, in the order of the words.
struct GivenText {
  const Option* option;  ///< Of the definition.
  std::string text;      ///< "true" for a flag that has no value.
};

struct ParsedArguments {
  std::vector<GivenText> given;
  std::optional<Error> unexpected;  ///< The first word that the command has no place for; kInvalidArgument.
};

/// Sorts the words and looks at no value. Errors: kInvalidArgument for an option at the end without its value.
Result<ParsedArguments> ParseArguments(const CommandDefinition& command, std::span<const std::string> words);

/// Gives each option of `command` what the words say, or else its environment variable unless that is empty. Values
/// are checked in the order of the options, and before it is said that a word was unexpected. Errors: as
/// ParseArguments and Give.
Result<void> GiveArguments(CommandDefinition& command, std::span<const std::string> words);

}  // namespace iris
