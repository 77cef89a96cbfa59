// SPDX-License-Identifier: Apache-2.0
//
// Options as every command declares them: one line each, with the environment variable that stands in for it
// (--drain-timeout: IRIS_DRAIN_TIMEOUT). Precedence: flag > environment > configuration file (settings.h) > default.
//
// Lifetime: `target` must live as long as `app` is given values.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/cli/command_definition.h"

namespace iris {

/// The name of the first of `names` that was given as a flag on the command line. Requires: they are declared.
std::optional<std::string> FirstGivenFlag(const CommandDefinition& app, std::span<const char* const> names);

/// Declares `--name VALUE_NAME`. `take` gets the value (of a repeated flag the last) and may refuse it with a message
/// such as "found 'x', expected a number"; the user then sees it behind the option's name.
Option* AddOption(CommandDefinition& app, const std::string& name, const std::string& value_name,
                       const std::string& description, std::function<Result<void>(const std::string&)> take);

/// Any text but none.
Option* AddText(CommandDefinition& app, const std::string& name, const std::string& value_name,
                     const std::string& description, std::string& target);

/// Any text, repeatable; in the environment variable separated by commas, in the configuration file an array.
Option* AddTexts(CommandDefinition& app, const std::string& name, const std::string& value_name,
                      const std::string& description, std::vector<std::string>& target);

/// A TCP port, 1 to 65535.
Option* AddPort(CommandDefinition& app, const std::string& name, const std::string& description, int& target);

/// A finite number > 0.
Option* AddPositiveNumber(CommandDefinition& app, const std::string& name, const std::string& value_name,
                               const std::string& description, double& target);

/// A whole number from `least` to `most`.
Option* AddCount(CommandDefinition& app, const std::string& name, const std::string& value_name,
                      const std::string& description, std::uint64_t least, std::uint64_t most, std::uint64_t& target);

/// Seconds, with fractions, from `least` to a day. An optional target is empty until the option is given.
Option* AddSeconds(CommandDefinition& app, const std::string& name, const std::string& description,
                        std::chrono::milliseconds least, std::chrono::milliseconds& target);
Option* AddSeconds(CommandDefinition& app, const std::string& name, const std::string& description,
                        std::chrono::milliseconds least, std::optional<std::chrono::milliseconds>& target);

/// One of a few words.
Option* AddChoice(CommandDefinition& app, const std::string& name, const std::vector<std::string>& choices,
                       const std::string& description, std::string& target);

/// A flag without a value; in the environment 1, true, yes, on or their opposites, in the configuration file a boolean.
Option* AddFlag(CommandDefinition& app, const std::string& name, const std::string& description, bool& target);

/// Declares an argument, a word of its own, that help calls `value_name`. `take` gets it as it is.
Option* AddArgument(CommandDefinition& app, const std::string& value_name, const std::string& description,
                    std::function<Result<void>(const std::string&)> take);
Option* AddArgument(CommandDefinition& app, const std::string& value_name, const std::string& description,
                    std::string& target);

/// The same for all words that are left.
Option* AddArguments(CommandDefinition& app, const std::string& value_name, const std::string& description,
                     std::vector<std::string>& target);

}  // namespace iris
