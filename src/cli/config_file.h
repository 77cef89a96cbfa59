// SPDX-License-Identifier: Apache-2.0
//
// The configuration file as it stands: one JSON object, in which each key is the name of a command and its value an
// object of that command's settings; those are called like its options, without the dashes before them.
//
//   {"serve": {"listen": ["[::]:50052", "unix:/run/iris.sock"], "drain-timeout": 20, "reflection": "off"},
//    "predict": {"host": "localhost", "json": true}}
//
//   | option on the command line      | JSON value                                              |
//   | takes a number (SECONDS, PORT…) | a number, or the same as text ("64KiB" for a SIZE)      |
//   | takes a text, file or address   | text                                                    |
//   | takes one of a few words        | text                                                    |
//   | may be repeated                 | an array of texts, in place of all repetitions, or one text |
//   | takes nothing                   | true or false                                           |
//
// A value goes through the same check as that of the option. What the keys mean is settings.h's affair.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/error.h"
#include "src/cli/file_place.h"

namespace iris {

enum class SettingKind {
  kText,
  kNumber,
  kTruth,
  kList,
  kUnset,  ///< null or an empty array: as if the key were not there.
};

/// One setting of one command.
struct FileSetting {
  std::string name;  ///< Without dashes.
  SettingKind kind;
  std::vector<std::string> values;  ///< One, but for a list. A number as the shortest text; "true" or "false".
  FilePlace name_place;
  FilePlace value_place;

  /// Whether it says the same, wherever it stands.
  bool SaysAs(const FileSetting& other) const { return name == other.name && values == other.values; }
};

struct FileSection {
  std::string command;
  FilePlace place;
  std::vector<FileSetting> settings;

  const FileSetting* Find(std::string_view name) const;
};

struct ConfigFile {
  std::string path;
  std::vector<FileSection> sections;

  const FileSection* Find(std::string_view command) const;
  const FileSetting* Find(std::string_view command, std::string_view name) const;
};

/// Reads a file of at most 1 MiB. Errors: kIo; kConfiguration as "FILE:LINE:COLUMN: …": not JSON, a key twice, a value
/// of a kind that no setting has.
Result<ConfigFile> ReadConfigFile(const std::string& path);

/// The same with its content at hand.
Result<ConfigFile> ParseConfigFile(std::string_view text, const std::string& path);

}  // namespace iris
