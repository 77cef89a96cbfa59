// SPDX-License-Identifier: Apache-2.0
//
// The CLI11 application of a command that also knows what CLI11 does not keep: which values an option was given, and
// where in the configuration file they stand. The functions of options.h find it behind the CLI::App& that they get.

#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace iris {

struct ConfigFile;

/// A place in a file; line and column (in characters) from 1 on.
struct FilePlace {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
};

/// "/etc/iris.json:3:14".
std::string TextOf(const FilePlace& place);

class ConfiguredApp final : public CLI::App {
 public:
  using CLI::App::App;

  /// Everything that `option` was given, as it was given; of a repeatable option one by one.
  const std::vector<std::string>& ValuesOf(const CLI::Option* option) const;
  void AddValue(const CLI::Option* option, const std::string& value) { values_[option].push_back(value); }

  /// Where the file sets `option`; null unless its value came from there.
  const FilePlace* PlaceOf(const CLI::Option* option) const;
  void SetPlace(const CLI::Option* option, FilePlace place) { places_[option] = std::move(place); }

  /// The configuration file that was read; null: none was asked for. Borrowed: it must outlive this.
  const ConfigFile* file() const { return file_; }
  void SetFile(const ConfigFile* file) { file_ = file; }

 private:
  std::map<const CLI::Option*, std::vector<std::string>> values_;
  std::map<const CLI::Option*, FilePlace> places_;
  const ConfigFile* file_ = nullptr;
};

}  // namespace iris
