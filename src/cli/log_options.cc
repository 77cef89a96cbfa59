// SPDX-License-Identifier: Apache-2.0

#include "src/cli/log_options.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "src/cli/settings.h"
#include "src/system/log.h"

namespace iris {
namespace {

constexpr const char* kSection = "serve";
constexpr const char* kLevel = "log-level";
constexpr std::array kLevels = {LogLevel::kError, LogLevel::kWarning, LogLevel::kInfo, LogLevel::kDebug};
constexpr std::uint64_t kMostLines = 100'000;

/// Requires: one of the choices of --log-level.
LogLevel LevelOf(std::string_view name) { return *std::ranges::find(kLevels, name, NameOf); }

/// Names of what the files say differently, the level aside.
std::string Changed(const ConfigFile& before, const ConfigFile& after) {
  std::vector<std::string> names;
  const auto compare = [&](const ConfigFile& one, const ConfigFile& other) {
    const FileSection* section = one.Find(kSection);
    if (section == nullptr) return;
    for (const FileSetting& setting : section->settings) {
      const FileSetting* found = other.Find(kSection, setting.name);
      if (setting.name == kLevel || (found != nullptr && found->SaysAs(setting))) continue;
      if (std::ranges::find(names, setting.name) == names.end()) names.push_back(setting.name);
    }
  };
  compare(after, before);
  compare(before, after);
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

void AddLogOptions(CommandDefinition& app, LogOptions& target) {
  AddChoice(app, "--log-format", {"text", "json"}, "how messages are written on standard error", target.format)
      ->set_default_text(target.format);
  std::vector<std::string> names;
  for (const LogLevel level : kLevels) names.emplace_back(NameOf(level));
  AddChoice(app, "--log-level", names,
            "leave messages beyond this level out; SIGHUP reads it again from the --config file", target.level)
      ->set_default_text(target.level);
  AddFlag(app, "--access-log", "write a line for each call: method, code, time taken, peer; never what it carries",
          target.access_log);
  AddCount(app, "--access-log-rate", "N",
           "at most so many such lines a second, and as many again for calls that failed; the rest are counted", 1,
           kMostLines, target.access_log_rate)
      ->set_default_text(std::to_string(target.access_log_rate));
}

void ApplyLogOptions(const LogOptions& options) {
  SetLogFormat(options.format == "json" ? LogFormat::kJson : LogFormat::kText);
  SetLogLevel(LevelOf(options.level));
}

std::unique_ptr<AccessLog> MakeAccessLog(const LogOptions& options) {
  return options.access_log ? std::make_unique<AccessLog>(options.access_log_rate) : nullptr;
}

LogLevelReload::LogLevelReload(const CommandDefinition& app, ReloadOutcome outcome)
    : from_file_(app.Get("--log-level")->source == ValueSource::kFile ||
                 app.Get("--log-level")->source == ValueSource::kDefault),
      outcome_(std::move(outcome)) {
  if (app.file() != nullptr) file_ = *app.file();
}

bool LogLevelReload::Reload() {
  if (!file_) return true;
  const std::string path = file_->path;
  Result<ConfigFile> read = LoadConfigFile(path);
  const Result<void> checked = read ? CheckSettings(*read, kSection) : std::unexpected(read.error());
  if (outcome_) outcome_(checked.has_value());
  if (!checked) {
    Log(LogLevel::kError, "cannot reload the configuration: " + checked.error().message + "; the old one stays",
        {{.name = "file", .value = path}});
    return false;
  }
  const std::string changed = Changed(*file_, *read);
  file_ = *std::move(read);
  if (!changed.empty()) {
    Log(LogLevel::kWarning, "settings of " + path + " have changed that only a restart takes up: " + changed,
        {{.name = "file", .value = path}, {.name = "settings", .value = changed}});
  }
  if (!from_file_) return true;
  const FileSetting* setting = file_->Find(kSection, kLevel);
  const LogLevel level = setting == nullptr ? LogLevel::kInfo : LevelOf(setting->values.front());
  if (level == GetLogLevel()) return true;
  // Told at whichever of the two levels lets it through.
  const LogLevel old = GetLogLevel();
  SetLogLevel(std::max(old, level));
  const std::string name(NameOf(level));
  Log(std::max(old, level) < LogLevel::kInfo ? std::max(old, level) : LogLevel::kInfo,
      "the log level is now " + name + ", and was " + std::string(NameOf(old)),
      {{.name = "log_level", .value = name}});
  SetLogLevel(level);
  return true;
}

}  // namespace iris
