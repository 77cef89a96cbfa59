// SPDX-License-Identifier: Apache-2.0

#include "src/cli/options.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "src/base/number.h"
#include "src/cli/command.h"
#include "src/cli/configured_app.h"

namespace iris {
namespace {

/// "--drain-timeout" → "IRIS_DRAIN_TIMEOUT".
std::string EnvironmentName(const std::string& option) {
  std::string name = "IRIS_";
  for (const char c : option.substr(2)) {
    name += c == '-' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return name;
}

std::unexpected<Error> Refuse(const std::string& found, const std::string& expected) {
  return Fail(ErrorCode::kInvalidArgument, "found '" + found + "', expected " + expected);
}

std::string Joined(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

/// Blanks before do not matter, so that taking one away undoes adding one whatever the user typed.
bool NeedsShield(std::string_view value) {
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  return value.starts_with('[') || (value.starts_with('-') && ParseDouble(value));
}

/// `Target`: milliseconds, or an optional of them.
template <typename Target>
auto TakeSeconds(std::chrono::milliseconds least, Target& target) {
  return [least, &target](const std::string& text) -> Result<void> {
    constexpr double kDay = 86400;
    const double least_seconds = static_cast<double>(least.count()) / 1000;
    const std::optional<double> seconds = ParseDouble(text);
    if (!seconds || !(*seconds >= least_seconds && *seconds <= kDay)) {
      return Refuse(text, "seconds from " + FormatDouble(least_seconds) + " to " + FormatDouble(kDay));
    }
    // Up, so that what is more than nothing stays more than nothing.
    target = std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(*seconds * 1000)));
    return {};
  };
}

}  // namespace

ValueSource SourceOf(const CLI::App& app, const CLI::Option* option) {
  if (option->count() == 0) return ValueSource::kDefault;
  const std::vector<CLI::Option*>& given = app.parse_order();  // CLI11 lists here what it met on the command line
  if (std::ranges::find(given, option) != given.end()) return ValueSource::kFlag;
  const auto* configured = dynamic_cast<const ConfiguredApp*>(&app);
  return configured != nullptr && configured->PlaceOf(option) != nullptr ? ValueSource::kFile
                                                                         : ValueSource::kEnvironment;
}

std::optional<std::string> FirstGivenFlag(const CLI::App& app, std::span<const char* const> names) {
  for (const char* name : names) {
    if (SourceOf(app, app.get_option(name)) == ValueSource::kFlag) return name;
  }
  return std::nullopt;
}

std::string NameInMessages(const CLI::App& app, const CLI::Option* option) {
  switch (SourceOf(app, option)) {
    case ValueSource::kEnvironment:
      return option->get_envname();
    case ValueSource::kFile:
      return TextOf(*dynamic_cast<const ConfiguredApp&>(app).PlaceOf(option)) + ": " + option->get_name().substr(2);
    case ValueSource::kDefault:
    case ValueSource::kFlag:
      break;
  }
  return option->get_name();
}

CLI::Option* AddOption(CLI::App& app, const std::string& name, const std::string& value_name,
                       const std::string& description, std::function<Result<void>(const std::string&)> take) {
  const auto callback = [&app, name, take = std::move(take)](const std::string& text) {
    const CLI::Option* option = app.get_option(name);
    const bool from_flag = SourceOf(app, option) == ValueSource::kFlag;
    const std::string value = SourceOf(app, option) == ValueSource::kEnvironment ? text : UnshieldedWord(text);
    const Result<void> taken = take(value);
    if (taken) {
      if (auto* configured = dynamic_cast<ConfiguredApp*>(&app)) configured->AddValue(option, value);
      return;
    }
    // CLI11's own way to refuse a value; RunCommandLine turns it into a message and this exit code.
    throw CLI::ValidationError(NameInMessages(app, option) + ": " + taken.error().message,
                               static_cast<int>(from_flag ? ExitCode::kUsage : ExitCode::kConfiguration));
  };
  CLI::Option* option = app.add_option_function<std::string>(name, callback, description);
  return option->type_name(value_name)->envname(EnvironmentName(name))->take_last();
}

CLI::Option* AddText(CLI::App& app, const std::string& name, const std::string& value_name,
                     const std::string& description, std::string& target) {
  return AddOption(app, name, value_name, description, [&target, value_name](const std::string& text) -> Result<void> {
    if (text.empty()) return Refuse(text, value_name);
    target = text;
    return {};
  });
}

CLI::Option* AddTexts(CLI::App& app, const std::string& name, const std::string& value_name,
                      const std::string& description, std::vector<std::string>& target) {
  const auto take = [&app, &target, name, value_name](const std::string& text) -> Result<void> {
    if (SourceOf(app, app.get_option(name)) == ValueSource::kEnvironment) {
      target = SplitAtCommas(text);
      if (target.empty()) return Refuse(text, value_name + " or more, separated by commas");
    } else if (text.empty()) {
      return Refuse(text, value_name);
    } else {
      target.push_back(text);
    }
    return {};
  };
  return AddOption(app, name, value_name, description, take)->trigger_on_parse();  // called at every occurrence
}

CLI::Option* AddPort(CLI::App& app, const std::string& name, const std::string& description, int& target) {
  return AddOption(app, name, "PORT", description, [&target](const std::string& text) -> Result<void> {
    int port = 0;
    for (const char c : text) {
      if (c < '0' || c > '9' || port > 65535) return Refuse(text, "a port from 1 to 65535");
      port = port * 10 + (c - '0');
    }
    if (port < 1 || port > 65535) return Refuse(text, "a port from 1 to 65535");
    target = port;
    return {};
  });
}

CLI::Option* AddPositiveNumber(CLI::App& app, const std::string& name, const std::string& value_name,
                               const std::string& description, double& target) {
  return AddOption(app, name, value_name, description, [&target](const std::string& text) -> Result<void> {
    const std::optional<double> number = ParseDouble(text);
    if (!number || !std::isfinite(*number) || *number <= 0) return Refuse(text, "a number greater than 0");
    target = *number;
    return {};
  });
}

CLI::Option* AddCount(CLI::App& app, const std::string& name, const std::string& value_name,
                      const std::string& description, std::uint64_t least, std::uint64_t most, std::uint64_t& target) {
  return AddOption(app, name, value_name, description, [=, &target](const std::string& text) -> Result<void> {
    const auto refused = [&] {
      return Refuse(text, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    };
    if (text.empty()) return refused();
    std::uint64_t number = 0;
    for (const char c : text) {
      const auto digit = static_cast<std::uint64_t>(c - '0');
      if (c < '0' || c > '9' || digit > most || number > (most - digit) / 10) return refused();
      number = number * 10 + digit;
    }
    if (number < least) return refused();
    target = number;
    return {};
  });
}

CLI::Option* AddSeconds(CLI::App& app, const std::string& name, const std::string& description,
                        std::chrono::milliseconds least, std::chrono::milliseconds& target) {
  return AddOption(app, name, "SECONDS", description, TakeSeconds(least, target));
}

CLI::Option* AddSeconds(CLI::App& app, const std::string& name, const std::string& description,
                        std::chrono::milliseconds least, std::optional<std::chrono::milliseconds>& target) {
  return AddOption(app, name, "SECONDS", description, TakeSeconds(least, target));
}

CLI::Option* AddChoice(CLI::App& app, const std::string& name, const std::vector<std::string>& choices,
                       const std::string& description, std::string& target) {
  const auto take = [choices, &target](const std::string& text) -> Result<void> {
    if (std::ranges::find(choices, text) == choices.end()) return Refuse(text, Joined(choices, " or "));
    target = text;
    return {};
  };
  return AddOption(app, name, Joined(choices, "|"), description, take);
}

CLI::Option* AddFlag(CLI::App& app, const std::string& name, const std::string& description, bool& target) {
  return app.add_flag(name, target, description)->envname(EnvironmentName(name));
}

bool IsRepeatable(const CLI::Option& option) { return option.get_trigger_on_parse(); }

bool IsFlag(const CLI::Option& option) { return option.get_expected_max() == 0; }

std::string ShieldedWord(const std::string& word) {
  const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
  const std::size_t begin = equals == std::string::npos ? 0 : equals + 1;
  return NeedsShield(word.substr(begin)) ? word.substr(0, begin) + " " + word.substr(begin) : word;
}

std::string UnshieldedWord(const std::string& word) {
  return word.starts_with(' ') && NeedsShield(word) ? word.substr(1) : word;
}

std::vector<std::string> SplitAtCommas(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::size_t first = std::min(text.find_first_not_of(' ', begin), end);
    const std::size_t last = text.find_last_not_of(' ', end == 0 ? 0 : end - 1);
    if (first < end) parts.push_back(text.substr(first, last - first + 1));
    begin = end + 1;
  }
  return parts;
}

}  // namespace iris
