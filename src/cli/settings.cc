// SPDX-License-Identifier: Apache-2.0

#include "src/cli/settings.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "src/base/text.h"
#include "src/cli/command.h"
#include "src/cli/options.h"
#include "src/cli/suggestion.h"

namespace iris {
namespace {

constexpr const char* kConfig = "--config";
/// The command that shows the settings of another one has none of its own.
constexpr std::string_view kShowingCommand = "config";

std::unexpected<Error> Refuse(const FilePlace& place, const std::string& what) {
  return Fail(ErrorCode::kConfiguration, TextOf(place) + ": " + what);
}

std::vector<std::string> SettingsOf(const CommandDefinition& app) {
  std::vector<std::string> names;
  for (const Option& option : app.options()) {
    if (IsSetting(option)) names.push_back(option.name.substr(2));
  }
  return names;
}

/// Whether names of the section are those of settings of its command.
Result<void> CheckNames(const FileSection& section) {
  std::vector<std::string> commands;
  for (const Command& command : Commands()) {
    CommandDefinition app;
    const std::function<ExitCode()> run = command.define(app);
    if (command.name == kShowingCommand || app.Find(kConfig) == nullptr) continue;
    commands.emplace_back(command.name);
    if (section.command != command.name) continue;
    const std::vector<std::string> known = SettingsOf(app);
    for (const FileSetting& setting : section.settings) {
      if (std::ranges::find(known, setting.name) != known.end()) continue;
      const std::string dashes = setting.name.starts_with("--") ? setting.name.substr(2) : setting.name;
      return Refuse(setting.name_place, UnknownWord("setting", setting.name, NearestWord(dashes, known),
                                                    "iris-predictor " + section.command + " --help"));
    }
    return {};
  }
  return Refuse(section.place, UnknownWord("command", section.command, NearestWord(section.command, commands),
                                           "iris-predictor --help"));
}

/// Whether the value is of a kind that the option could take at all; its own check says the rest.
Result<void> CheckKind(const FileSetting& setting, const Option& option) {
  const std::string& type = option.value_name;
  const auto refuse = [&](const std::string& expected) {
    std::string found = "an array";
    if (setting.kind == SettingKind::kText) found = Quote(setting.values.front());
    if (setting.kind == SettingKind::kNumber || setting.kind == SettingKind::kTruth) found = setting.values.front();
    return Refuse(setting.value_place, setting.name + ": found " + found + ", expected " + expected);
  };
  if (option.kind == OptionKind::kFlag) {
    if (setting.kind != SettingKind::kTruth) return refuse("true or false");
  } else if (setting.kind == SettingKind::kTruth) {
    return refuse(type + (type.find('|') == std::string::npos ? "" : ", in quotes"));
  } else if (setting.kind == SettingKind::kList) {
    if (!option.repeatable) return refuse("a single value");
  } else if (setting.kind == SettingKind::kNumber) {
    if (!TakesNumber(option)) return refuse(type + ", in quotes");
  }
  return {};
}

}  // namespace

Option* AddConfigOption(CommandDefinition& app) {
  return AddOption(app, kConfig, "FILE", "take what neither a flag nor a variable sets from this JSON file",
                   [](const std::string& text) -> Result<void> {
                     if (text.empty()) return Fail(ErrorCode::kInvalidArgument, "found '', expected FILE");
                     return {};
                   });
}

std::string ConfigPath(const CommandDefinition& app) {
  const Option* option = app.Find(kConfig);
  return option == nullptr || option->values.empty() ? "" : option->values.back();
}

bool IsSetting(const Option& option) {
  // --check ends serve before it serves: a question that is asked, not a setting that is kept.
  return !option.variable.empty() && option.name != kConfig && option.name != "--check";
}

bool TakesNumber(const Option& option) {
  constexpr std::array<std::string_view, 8> kNumeric = {"SECONDS", "PORT", "SIZE", "N", "K", "C", "S", "NAME|N"};
  return std::ranges::find(kNumeric, option.value_name) != kNumeric.end();
}

std::string_view SectionOf(std::string_view command) { return command == kShowingCommand ? "serve" : command; }

Result<ConfigFile> LoadConfigFile(const std::string& path) {
  Result<ConfigFile> file = ReadConfigFile(path);
  if (!file) return file;
  for (const FileSection& section : file->sections) {
    const Result<void> known = CheckNames(section);
    if (!known) return std::unexpected(known.error());
  }
  for (FileSection& section : file->sections) {
    std::erase_if(section.settings, [](const FileSetting& each) { return each.kind == SettingKind::kUnset; });
  }
  return file;
}

Result<void> ApplySettings(const ConfigFile& file, std::string_view command, CommandDefinition& app) {
  app.set_file(&file);
  const FileSection* section = file.Find(command);
  if (section == nullptr) return {};
  for (const FileSetting& setting : section->settings) {
    Option* const option = app.Get("--" + setting.name);
    const Result<void> kind = CheckKind(setting, *option);
    if (!kind) return kind;
    if (option->source != ValueSource::kDefault) continue;
    option->place = setting.value_place;
    const Result<void> taken = Give(*option, setting.values, ValueSource::kFile);
    if (!taken) return taken;
  }
  return {};
}

Result<void> CheckSettings(const ConfigFile& file, std::string_view command) {
  const auto row = std::ranges::find_if(Commands(), [&](const Command& each) { return each.name == command; });
  CommandDefinition app;
  const std::function<ExitCode()> run = row->define(app);
  return ApplySettings(file, command, app);
}

const FileSetting* FindSetting(const CommandDefinition& app, std::string_view command, std::string_view name) {
  return app.file() == nullptr ? nullptr : app.file()->Find(command, name);
}

}  // namespace iris
