// SPDX-License-Identifier: Apache-2.0
//
// Options under test: words and environment in, what is said of them out.

#pragma once

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

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

inline std::optional<Failure> Parse(CLI::App& app, std::vector<std::string> words) {
  std::reverse(words.begin(), words.end());
  try {
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return Failure{error.what(), error.get_exit_code()};
  }
  return std::nullopt;
}

}  // namespace iris
