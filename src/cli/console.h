// SPDX-License-Identifier: Apache-2.0
//
// What a command reads and writes: results to standard output, messages to standard error, input from a file or
// standard input. Unbuffered and stateless: a write that fails is known at once and becomes an exit code.

#pragma once

#include <string>
#include <string_view>

#include "src/base/error.h"
#include "src/cli/command.h"

namespace iris {

/// Most that a command reads as one input: 1 GiB.
inline constexpr std::size_t kMaxInputBytes = std::size_t{1} << 30;

/// Writes all of `text` to standard output. Returns kOk, or kIo after a message that says why; a reader that has gone
/// away (`| head -1`) is no news to anybody, so that case is silent.
ExitCode PrintResult(std::string_view text);

/// Writes "iris-predictor: MESSAGE" as one line to standard error; control characters in it are shown as '?'.
void PrintMessage(std::string_view message);

/// Writes `line` and a newline to standard error as it is.
void PrintNotice(std::string_view line);

/// Prints the error's message and returns its exit code.
ExitCode Report(const Error& error);

/// How messages name an input: the path, or "standard input" for "-".
std::string InputName(const std::string& path);

}  // namespace iris
