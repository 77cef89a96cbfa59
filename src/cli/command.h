// SPDX-License-Identifier: Apache-2.0
//
// What a command is. The table in commands.cc drives dispatch, `--help` and "did you mean"; each command lives in a file
// of its own and declares its options once, from which help (and whatever else describes them) is made.

#pragma once

#include <functional>
#include <span>
#include <string>

namespace iris {

class CommandDefinition;

/// Ends a command: what to return from main. Values are part of the contract (docs: README.md).
enum class ExitCode : int {
  kOk = 0,
  kCheckFailed = 1,
  kUsage = 64,
  kBadData = 65,
  kUnavailable = 69,
  kIo = 74,
  kConfiguration = 78,
};

/// One row of the table.
struct Command {
  const char* name;
  const char* summary;  ///< One line, no full stop.
  const char* example;  ///< Shown first in its help: a command line that works.
  /// Declares the options on `app` and returns what runs once they are parsed. The returned function owns the
  /// variables that the options fill.
  std::function<ExitCode()> (*define)(CommandDefinition& app);
};

/// All commands, in the order in which help lists them.
std::span<const Command> Commands();

/// Parses the arguments after the program's name, runs the command, returns its exit code. Results go to stdout,
/// messages to stderr.
ExitCode RunCommandLine(std::span<const std::string> arguments);

}  // namespace iris
