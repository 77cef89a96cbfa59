// SPDX-License-Identifier: Apache-2.0
//
// Options set by the configuration file: what neither a flag nor an environment variable has set is taken from there.

#pragma once

#include <string>
#include <string_view>

#include "src/base/error.h"
#include "src/cli/command_definition.h"
#include "src/cli/config_file.h"

namespace iris {

/// Declares --config FILE. A command that does so takes settings from that file, of the section that bears its name.
Option* AddConfigOption(CommandDefinition& app);

/// The file of --config or IRIS_CONFIG; empty: none, or no such option. Requires: `app` has been given its arguments.
std::string ConfigPath(const CommandDefinition& app);

/// Whether the option can be set in a configuration file, and whether its value there may be a number.
bool IsSetting(const Option& option);
bool TakesNumber(const Option& option);

/// The section from which a command takes settings: its own; the one of serve for config, which shows them.
std::string_view SectionOf(std::string_view command);

/// Reads a file and holds the names in it, of every section, against the options of the commands. Errors: as
/// ReadConfigFile; kConfiguration for an unknown name, with what may have been meant.
Result<ConfigFile> LoadConfigFile(const std::string& path);

/// Gives the options of `app` that neither flag nor environment has set what the section `command` of `file` says, if
/// there is one. Errors: kConfiguration for a value of the wrong kind,
/// or one that its option refuses. Requires: `app` has been given its arguments; the names are known (LoadConfigFile).
Result<void> ApplySettings(const ConfigFile& file, std::string_view command, CommandDefinition& app);

/// Whether `command` takes every setting that its section of `file` holds, whatever flags and environment say. Errors:
/// as LoadConfigFile and ApplySettings, a refused value included.
Result<void> CheckSettings(const ConfigFile& file, std::string_view command);

/// What the file that was read for `app` says of an option of another command; null: nothing, or there is no file.
const FileSetting* FindSetting(const CommandDefinition& app, std::string_view command, std::string_view name);

}  // namespace iris
