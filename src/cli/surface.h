// SPDX-License-Identifier: Apache-2.0
//
// All commands with all that can be typed behind them, as plain values: what completions and the man page are made
// from. It comes from the table of commands and from what each declares, as --help does; nothing is written twice.

#pragma once

#include <string>
#include <vector>

namespace iris {

struct SurfaceOption {
  std::vector<std::string> names;    ///< "-h", "--help": short ones first.
  std::string value_name;            ///< "FILE"; empty: it takes none.
  std::string description;
  std::string variable;              ///< "IRIS_MODEL"; empty: none.
  std::string default_value;         ///< As help shows it; empty: none.
  std::vector<std::string> choices;  ///< What its value can be; empty: anything.
  bool repeatable = false;

  /// "--model", the name to call it by.
  const std::string& name() const { return names.back(); }
};

struct SurfaceArgument {
  std::string value_name;
  std::string description;
  std::vector<std::string> choices;
};

struct SurfaceCommand {
  std::string name;
  std::string summary;
  std::string example;
  std::string footer;
  std::vector<SurfaceArgument> arguments;
  std::vector<SurfaceOption> options;
};

/// The commands of the table, in its order.
std::vector<SurfaceCommand> Surface();

/// Whether a value of that name is a file, or a folder.
bool IsFileName(const std::string& value_name);
bool IsFolderName(const std::string& value_name);

}  // namespace iris
