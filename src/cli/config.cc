// SPDX-License-Identifier: Apache-2.0
//
// config: what serve would be set to, given the same flags, environment and file, and where each setting comes from.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "src/base/number.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/options.h"
#include "src/cli/settings.h"
#include "src/system/log_line.h"
#include "src/system/signals.h"

namespace iris {

std::function<ExitCode()> DefineServe(CommandDefinition& app);

namespace {

using Json = nlohmann::ordered_json;

/// What the option is set to, or else its default; nothing where it has none.
std::vector<std::string> ValuesOf(const Option& option) {
  if (!option.values.empty()) return option.values;
  if (option.kind == OptionKind::kFlag) return {"false"};
  if (!option.default_text.empty()) return {option.default_text};
  return {};
}

/// Whether the option would refuse its own default: a word for having none, such as "never".
bool IsNoValue(const Option& option, const std::string& text) {
  const SettingKind kind = TakesNumber(option) && ParseDouble(text) ? SettingKind::kNumber : SettingKind::kText;
  const FileSetting setting{
      .name = option.name.substr(2), .kind = kind, .values = {text}, .name_place = {}, .value_place = {}};
  const ConfigFile file{.path = "", .sections = {{.command = "serve", .place = {}, .settings = {setting}}}};
  return !CheckSettings(file, "serve");
}

/// As it would stand in a configuration file.
Json ValueAsJson(const Option& option, const std::vector<std::string>& values, bool is_default) {
  if (option.repeatable) return values;
  if (values.empty()) return nullptr;
  if (option.kind == OptionKind::kFlag) return values.front() == "true";
  if (is_default && IsNoValue(option, values.front())) return nullptr;
  const std::optional<double> number = TakesNumber(option) ? ParseDouble(values.front()) : std::nullopt;
  if (!number) return values.front();
  constexpr double kExact = 9007199254740992;  // 2^53
  const auto whole = static_cast<std::int64_t>(std::clamp(*number, -kExact, kExact));
  if (static_cast<double>(whole) == *number) return whole;
  return *number;
}

/// One line of the report.
struct Row {
  std::string name;
  std::string value;
  std::string source;
};

Row TextRow(const Option& option) {
  std::string value;
  for (const std::string& each : ValuesOf(option)) value += (value.empty() ? "" : ", ") + each;
  std::string source = "default";
  if (option.source == ValueSource::kFlag) source = "flag";
  if (option.source == ValueSource::kEnvironment) source = option.variable;
  if (option.source == ValueSource::kFile) source = TextOf(option.place);
  return {option.name.substr(2), Printable(value.empty() ? "-" : value), Printable(source)};
}

Json JsonRow(const Option& option) {
  Json row = {
      {"value", ValueAsJson(option, ValuesOf(option), option.source == ValueSource::kDefault)}};
  switch (option.source) {
    case ValueSource::kDefault:
      row["source"] = "default";
      break;
    case ValueSource::kFlag:
      row["source"] = "flag";
      break;
    case ValueSource::kEnvironment:
      row["source"] = "environment";
      row["variable"] = option.variable;
      break;
    case ValueSource::kFile: {
      const FilePlace& place = option.place;
      row["source"] = "file";
      row["file"] = place.file;
      row["line"] = place.line;
      row["column"] = place.column;
      break;
    }
  }
  return row;
}

ExitCode ShowConfig(const CommandDefinition& app, bool json) {
  std::vector<Row> rows;
  Json object = Json::object();
  for (const Option& option : app.options()) {
    if (option.variable.empty() || option.name == "--json") continue;
    if (json) object[option.name.substr(2)] = JsonRow(option);
    else rows.push_back(TextRow(option));
  }
  if (json) return PrintResult(object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  std::size_t name_width = 0, value_width = 0;
  for (const Row& row : rows) {
    name_width = std::max(name_width, row.name.size());
    value_width = std::max(value_width, std::min<std::size_t>(row.value.size(), 40));
  }
  std::string text;
  for (Row& row : rows) {
    row.name.resize(name_width, ' ');
    row.value.resize(std::max(value_width, row.value.size()), ' ');
    text += row.name + "  " + row.value + "  " + row.source + "\n";
  }
  return PrintResult(text);
}

}  // namespace

std::function<ExitCode()> DefineConfig(CommandDefinition& app) {
  const std::function<ExitCode()> serve = DefineServe(app);  // declares the options; owns what they fill
  app.Remove(app.Get("--check"));
  const auto json = std::make_shared<bool>(false);
  AddFlag(app, "--json", "print JSON, each value as it would stand in a configuration file", *json);
  app.set_footer(
      "Takes the options of serve, and says for each what it is set to and by what: a flag, a variable, a place in the "
      "configuration file, or nothing (default). The values are checked as serve checks them, one by one; 'serve "
      "--check' looks at files and addresses as well. Files are named, never shown: a key stays where it is.");
  return [&app, serve, json] {
    RestoreDefaultSignals();
    return ShowConfig(app, *json);
  };
}

}  // namespace iris
