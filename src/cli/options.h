// SPDX-License-Identifier: Apache-2.0
//
// Options as every command declares them: one line each, with the environment variable that stands in for it
// (--drain-timeout: IRIS_DRAIN_TIMEOUT). Precedence: flag > environment > configuration file (settings.h) > default.
// Values are checked by our own code: CLI11 drops an environment value that its validators refuse without a word.
//
// Lifetime: `target` must live as long as `app` is parsed.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/base/error.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace iris {

/// Where the value of an option came from.
enum class ValueSource { kDefault, kFile, kEnvironment, kFlag };

ValueSource SourceOf(const CLI::App& app, const CLI::Option* option);

/// The name of the first of `names` that was given as a flag on the command line. Requires: they are declared.
std::optional<std::string> FirstGivenFlag(const CLI::App& app, std::span<const char* const> names);

/// How messages name the option: "--port", or "IRIS_PORT" or "/etc/iris.json:3:14: port" when its value is from there.
std::string NameInMessages(const CLI::App& app, const CLI::Option* option);

/// Declares `--name VALUE_NAME`. `take` gets the value (of a repeated flag the last) and may refuse it with a message
/// such as "found 'x', expected a number"; the user then sees it behind the option's name.
CLI::Option* AddOption(CLI::App& app, const std::string& name, const std::string& value_name,
                       const std::string& description, std::function<Result<void>(const std::string&)> take);

/// Any text but none.
CLI::Option* AddText(CLI::App& app, const std::string& name, const std::string& value_name,
                     const std::string& description, std::string& target);

/// Any text, repeatable; in the environment variable separated by commas, in the configuration file an array.
CLI::Option* AddTexts(CLI::App& app, const std::string& name, const std::string& value_name,
                      const std::string& description, std::vector<std::string>& target);

/// A TCP port, 1 to 65535.
CLI::Option* AddPort(CLI::App& app, const std::string& name, const std::string& description, int& target);

/// A finite number > 0.
CLI::Option* AddPositiveNumber(CLI::App& app, const std::string& name, const std::string& value_name,
                               const std::string& description, double& target);

/// A whole number from `least` to `most`.
CLI::Option* AddCount(CLI::App& app, const std::string& name, const std::string& value_name,
                      const std::string& description, std::uint64_t least, std::uint64_t most, std::uint64_t& target);

/// Seconds, with fractions, from `least` to a day. An optional target is empty until the option is given.
CLI::Option* AddSeconds(CLI::App& app, const std::string& name, const std::string& description,
                        std::chrono::milliseconds least, std::chrono::milliseconds& target);
CLI::Option* AddSeconds(CLI::App& app, const std::string& name, const std::string& description,
                        std::chrono::milliseconds least, std::optional<std::chrono::milliseconds>& target);

/// One of a few words.
CLI::Option* AddChoice(CLI::App& app, const std::string& name, const std::vector<std::string>& choices,
                       const std::string& description, std::string& target);

/// A flag without a value; in the environment 1, true, yes, on or their opposites, in the configuration file a boolean.
CLI::Option* AddFlag(CLI::App& app, const std::string& name, const std::string& description, bool& target);

/// Whether the option may be repeated (AddTexts), and whether it takes no value (AddFlag).
bool IsRepeatable(const CLI::Option& option);
bool IsFlag(const CLI::Option& option);

/// `word` of the command line so that CLI11 leaves it alone: it takes "-.5" and "-inf" for options (though "-1" for a
/// number) and splits "[a,b]" into a list. A blank goes before such a value, alone or behind "--option=".
std::string ShieldedWord(const std::string& word);

/// The value that ShieldedWord was given. For values from the command line; options declared here do this themselves.
std::string UnshieldedWord(const std::string& word);

/// `text` split at commas, blanks around the parts removed, empty parts left out.
std::vector<std::string> SplitAtCommas(const std::string& text);

}  // namespace iris
