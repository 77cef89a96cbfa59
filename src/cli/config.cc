// SPDX-License-Identifier: Apache-2.0
//
// config: what serve would be set to, given the same flags, environment and file, and where each setting comes from.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "src/base/number.h"
#include "src/cli/command.h"
#include "src/cli/configured_app.h"
#include "src/cli/console.h"
#include "src/cli/options.h"
#include "src/cli/settings.h"
#include "src/system/log_line.h"
#include "src/system/signals.h"

namespace iris {

std::function<ExitCode()> DefineServe(CLI::App& app);

namespace {

using Json = nlohmann::ordered_json;

/// What the option is set to, or else its default; nothing where it has none.
std::vector<std::string> ValuesOf(const ConfiguredApp& app, const CLI::Option& option) {
  if (IsFlag(option)) {
    // As CLI11 reads it: "yes" of the environment is true.
    const bool on = option.count() > 0 && CLI::detail::to_flag_value(option.results().back()) > 0;
    return {on ? "true" : "false"};
  }
  std::vector<std::string> values = app.ValuesOf(&option);
  if (values.empty() && !option.get_default_str().empty()) return {option.get_default_str()};
  if (!IsRepeatable(option) && values.size() > 1) return {values.back()};
  if (IsRepeatable(option) && SourceOf(app, &option) == ValueSource::kEnvironment) return SplitAtCommas(values.back());
  return values;
}

/// Whether the option would refuse its own default: a word for having none, such as "never".
bool IsNoValue(const CLI::Option& option, const std::string& text) {
  const SettingKind kind = TakesNumber(option) && ParseDouble(text) ? SettingKind::kNumber : SettingKind::kText;
  const FileSetting setting{
      .name = option.get_name().substr(2), .kind = kind, .values = {text}, .name_place = {}, .value_place = {}};
  const ConfigFile file{.path = "", .sections = {{.command = "serve", .place = {}, .settings = {setting}}}};
  return !CheckSettings(file, "serve");
}

/// As it would stand in a configuration file.
Json ValueAsJson(const CLI::Option& option, const std::vector<std::string>& values, bool is_default) {
  if (IsRepeatable(option)) return values;
  if (values.empty()) return nullptr;
  if (IsFlag(option)) return values.front() == "true";
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

Row TextRow(const ConfiguredApp& app, const CLI::Option& option) {
  std::string value;
  for (const std::string& each : ValuesOf(app, option)) value += (value.empty() ? "" : ", ") + each;
  std::string source = "default";
  const ValueSource from = SourceOf(app, &option);
  if (from == ValueSource::kFlag) source = "flag";
  if (from == ValueSource::kEnvironment) source = option.get_envname();
  if (from == ValueSource::kFile) source = TextOf(*app.PlaceOf(&option));
  return {option.get_name().substr(2), Printable(value.empty() ? "-" : value), Printable(source)};
}

Json JsonRow(const ConfiguredApp& app, const CLI::Option& option) {
  Json row = {
      {"value", ValueAsJson(option, ValuesOf(app, option), SourceOf(app, &option) == ValueSource::kDefault)}};
  switch (SourceOf(app, &option)) {
    case ValueSource::kDefault:
      row["source"] = "default";
      break;
    case ValueSource::kFlag:
      row["source"] = "flag";
      break;
    case ValueSource::kEnvironment:
      row["source"] = "environment";
      row["variable"] = option.get_envname();
      break;
    case ValueSource::kFile: {
      const FilePlace& place = *app.PlaceOf(&option);
      row["source"] = "file";
      row["file"] = place.file;
      row["line"] = place.line;
      row["column"] = place.column;
      break;
    }
  }
  return row;
}

ExitCode ShowConfig(const ConfiguredApp& app, bool json) {
  std::vector<Row> rows;
  Json object = Json::object();
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    if (option->get_envname().empty() || name == "--json") continue;
    if (json) object[name.substr(2)] = JsonRow(app, *option);
    else rows.push_back(TextRow(app, *option));
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

std::function<ExitCode()> DefineConfig(CLI::App& app) {
  const std::function<ExitCode()> serve = DefineServe(app);  // declares the options; owns what they fill
  if (CLI::Option* check = app.get_option_no_throw("--check")) app.remove_option(check);
  const auto json = std::make_shared<bool>(false);
  AddFlag(app, "--json", "print JSON, each value as it would stand in a configuration file", *json);
  app.footer(
      "Takes the options of serve, and says for each what it is set to and by what: a flag, a variable, a place in the "
      "configuration file, or nothing (default). The values are checked as serve checks them, one by one; 'serve "
      "--check' looks at files and addresses as well. Files are named, never shown: a key stays where it is.");
  return [&app, serve, json] {
    RestoreDefaultSignals();
    return ShowConfig(dynamic_cast<const ConfiguredApp&>(app), *json);
  };
}

}  // namespace iris
