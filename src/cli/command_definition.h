// SPDX-License-Identifier: Apache-2.0
//
// What a command takes: its options and arguments in the order in which help lists them. It is filled by the command's
// define function (command.h), then read by whatever describes the command, or given the words of a command line
// (argument_parser.h).

#pragma once

#include <list>
#include <string>
#include <string_view>

#include "src/cli/option.h"

namespace iris {

struct ConfigFile;

class CommandDefinition {
 public:
  /// With -h, --help, which every command has.
  explicit CommandDefinition(std::string name = "");

  const std::string& name() const { return name_; }

  /// Adds an option or argument. It stays where it is for as long as this lives.
  Option* Add(Option option);
  void Remove(const Option* option);

  /// The option called `name` ("--port", or "-h"); null: none.
  Option* Find(std::string_view name);
  const Option* Find(std::string_view name) const;
  /// The same. Requires: there is one.
  Option* Get(std::string_view name);
  const Option* Get(std::string_view name) const;

  std::list<Option>& options() { return options_; }
  const std::list<Option>& options() const { return options_; }

  /// What help says below the options.
  const std::string& footer() const { return footer_; }
  void set_footer(std::string footer) { footer_ = std::move(footer); }

  /// The configuration file that was read; null: none was asked for. Borrowed: it must outlive this.
  const ConfigFile* file() const { return file_; }
  void set_file(const ConfigFile* file) { file_ = file; }

 private:
  const std::string name_;
  std::list<Option> options_;  // addresses stay as they are
  std::string footer_;
  const ConfigFile* file_ = nullptr;
};

}  // namespace iris
