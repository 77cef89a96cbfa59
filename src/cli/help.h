// SPDX-License-Identifier: Apache-2.0
//
// Help, made from the table of commands and from what each command declares; nothing is written twice.

#pragma once

#include <span>
#include <string>

#include "src/cli/command.h"

namespace iris {

/// What an exit code says.
struct ExitCodeMeaning {
  ExitCode code;
  const char* meaning;
};

/// All of them, in ascending order.
std::span<const ExitCodeMeaning> ExitCodes();

/// What `iris-predictor --help` prints.
std::string ProgramHelp();

/// What `iris-predictor COMMAND --help` prints: an example, the summary, the usage line, arguments and options with
/// environment variable and default, and the command's footer. Requires: `command.define` has been called on `app`.
std::string CommandHelp(const Command& command, const CommandDefinition& app);

}  // namespace iris
