// SPDX-License-Identifier: Apache-2.0
//
// The command line of the drivers: NAME=VALUE, each with a default. Nobody types it but the harness.

#pragma once

#include <string>

namespace iris::bench {

/// Looks arguments up. Borrows argv.
class Arguments {
 public:
  Arguments(int argc, char** argv) : argc_(argc), argv_(argv) {}

  std::string Text(const std::string& name, const std::string& otherwise = "") const;
  double Number(const std::string& name, double otherwise) const;

 private:
  int argc_;
  char** argv_;
};

}  // namespace iris::bench
