// SPDX-License-Identifier: Apache-2.0
//
// Whole command lines under test: words in; exit code, results and messages out.

#pragma once

#include <unistd.h>

#include <string>
#include <vector>

#include "src/cli/command.h"
#include "tests/cli/capture.h"

namespace iris {

struct Outcome {
  int exit_code;
  std::string output;
  std::string messages;
};

/// Runs one command line. Requires: it prints less than a pipe holds (64 KiB).
inline Outcome Run(const std::vector<std::string>& arguments) {
  const Pipe output, messages;
  ExitCode code{};
  {
    const Redirected standard_output(STDOUT_FILENO, output.ends[1]);
    const Redirected standard_error(STDERR_FILENO, messages.ends[1]);
    code = RunCommandLine(arguments);
  }
  ::close(output.ends[1]);
  ::close(messages.ends[1]);
  return {static_cast<int>(code), Drained(output.ends[0]), Drained(messages.ends[0])};
}

/// Checks that a command line is answered with this message, and nothing else.
inline void CheckRefused(const std::vector<std::string>& arguments, const std::string& message, int exit_code = 64) {
  const Outcome outcome = Run(arguments);
  CHECK(outcome.messages == "iris-predictor: " + message + "\n");
  CHECK(outcome.output.empty());
  CHECK(outcome.exit_code == exit_code);
}

}  // namespace iris
