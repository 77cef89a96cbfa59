// SPDX-License-Identifier: Apache-2.0
//
// Options under test: words and environment in, what is said of them out.

#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "src/cli/argument_parser.h"
#include "src/cli/exit_code.h"

namespace iris {

/// Sets an environment variable for as long as it lives.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~ScopedVariable() { ::unsetenv(name_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* name_;
};

/// A failed parse: its message and exit code. None when it went well.
struct Failure {
  std::string message;
  int exit_code;
};

inline std::optional<Failure> Parse(CommandDefinition& app, const std::vector<std::string>& words) {
  const Result<void> given = GiveArguments(app, words);
  if (given) return std::nullopt;
  return Failure{given.error().message, static_cast<int>(ToExitCode(given.error().code))};
}

}  // namespace iris
