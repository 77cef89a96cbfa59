// SPDX-License-Identifier: Apache-2.0
//
// One option of a command, or one of the arguments that stand by themselves: what was declared of it, and what it was
// given. Everything that speaks of options (parsing, help, completion, man page, settings) reads this.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/cli/file_place.h"

namespace iris {

/// Where the value of an option came from.
enum class ValueSource { kDefault, kFile, kEnvironment, kFlag };

enum class OptionKind {
  kValue,     ///< --port PORT
  kFlag,      ///< --json
  kArgument,  ///< A word of its own, known by its place.
};

/// Declare it with the functions of options.h. Threads: for the one that runs the command.
struct Option {
  // What was declared.
  OptionKind kind = OptionKind::kValue;
  std::string name{};        ///< "--port"; of an argument what stands for it in help, "MODEL".
  std::string short_name{};  ///< "-h"; empty: none.
  std::string value_name{};  ///< "PORT"; empty: it takes none.
  std::string description{};
  std::string variable{};      ///< "IRIS_PORT"; empty: none.
  std::string default_text{};  ///< As help shows it; empty: none.
  /// Every value counts; otherwise the last. In the environment they are separated by commas.
  bool repeatable = false;
  /// Gets every value that counts, of a flag "true" or "false"; may refuse it with a message such as "found 'x',
  /// expected a number".
  std::function<Result<void>(const std::string&)> take{};

  // What it was given.
  ValueSource source = ValueSource::kDefault;
  std::vector<std::string> values{};  ///< As `take` got them.
  FilePlace place{};                  ///< Where the file sets it. Requires: source == kFile.

  Option* set_default_text(std::string text) {
    default_text = std::move(text);
    return this;
  }
};

/// How messages name the option: "--port", or "IRIS_PORT" or "/etc/iris.json:3:14: port" when its value is from there.
std::string NameInMessages(const Option& option);

/// What a word says that stands for a truth, in any case: 1, true, yes, on, enable or their opposites, and their first
/// letters; a number is true when it is above 0. None for any other.
std::optional<bool> TruthOf(std::string_view word);

/// Gives the option what `source` says. Errors: kInvalidArgument for a flag that is refused, kConfiguration for what
/// comes from elsewhere; the message begins with NameInMessages. Requires: `texts` is not empty.
Result<void> Give(Option& option, std::vector<std::string> texts, ValueSource source);

/// `text` split at commas, blanks around the parts removed, empty parts left out.
std::vector<std::string> SplitAtCommas(const std::string& text);

}  // namespace iris
