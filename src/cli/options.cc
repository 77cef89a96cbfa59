// SPDX-License-Identifier: Apache-2.0

#include "src/cli/options.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "src/base/number.h"
#include "src/cli/command.h"

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

std::optional<std::string> FirstGivenFlag(const CommandDefinition& app, std::span<const char* const> names) {
  for (const char* name : names) {
    if (app.Get(name)->source == ValueSource::kFlag) return name;
  }
  return std::nullopt;
}

Option* AddOption(CommandDefinition& app, const std::string& name, const std::string& value_name,
                       const std::string& description, std::function<Result<void>(const std::string&)> take) {
  return app.Add({.name = name,
                  .value_name = value_name,
                  .description = description,
                  .variable = EnvironmentName(name),
                  .take = std::move(take)});
}

Option* AddText(CommandDefinition& app, const std::string& name, const std::string& value_name,
                     const std::string& description, std::string& target) {
  return AddOption(app, name, value_name, description, [&target, value_name](const std::string& text) -> Result<void> {
    if (text.empty()) return Refuse(text, value_name);
    target = text;
    return {};
  });
}

Option* AddTexts(CommandDefinition& app, const std::string& name, const std::string& value_name,
                      const std::string& description, std::vector<std::string>& target) {
  Option* const option =
      AddOption(app, name, value_name, description, [&target, value_name](const std::string& text) -> Result<void> {
        if (text.empty()) return Refuse(text, value_name);
        target.push_back(text);
        return {};
      });
  option->repeatable = true;
  return option;
}

Option* AddPort(CommandDefinition& app, const std::string& name, const std::string& description, int& target) {
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

Option* AddPositiveNumber(CommandDefinition& app, const std::string& name, const std::string& value_name,
                               const std::string& description, double& target) {
  return AddOption(app, name, value_name, description, [&target](const std::string& text) -> Result<void> {
    const std::optional<double> number = ParseDouble(text);
    if (!number || !std::isfinite(*number) || *number <= 0) return Refuse(text, "a number greater than 0");
    target = *number;
    return {};
  });
}

Option* AddCount(CommandDefinition& app, const std::string& name, const std::string& value_name,
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

Option* AddSeconds(CommandDefinition& app, const std::string& name, const std::string& description,
                        std::chrono::milliseconds least, std::chrono::milliseconds& target) {
  return AddOption(app, name, "SECONDS", description, TakeSeconds(least, target));
}

Option* AddSeconds(CommandDefinition& app, const std::string& name, const std::string& description,
                        std::chrono::milliseconds least, std::optional<std::chrono::milliseconds>& target) {
  return AddOption(app, name, "SECONDS", description, TakeSeconds(least, target));
}

Option* AddChoice(CommandDefinition& app, const std::string& name, const std::vector<std::string>& choices,
                       const std::string& description, std::string& target) {
  const auto take = [choices, &target](const std::string& text) -> Result<void> {
    if (std::ranges::find(choices, text) == choices.end()) return Refuse(text, Joined(choices, " or "));
    target = text;
    return {};
  };
  return AddOption(app, name, Joined(choices, "|"), description, take);
}

Option* AddFlag(CommandDefinition& app, const std::string& name, const std::string& description, bool& target) {
  const auto take = [&target](const std::string& text) -> Result<void> {
    target = text == "true";
    return {};
  };
  Option* const option = AddOption(app, name, "", description, take);
  option->kind = OptionKind::kFlag;
  return option;
}

Option* AddArgument(CommandDefinition& app, const std::string& value_name, const std::string& description,
                         std::function<Result<void>(const std::string&)> take) {
  return app.Add({.kind = OptionKind::kArgument,
                  .name = value_name,
                  .value_name = value_name,
                  .description = description,
                  .take = std::move(take)});
}

Option* AddArgument(CommandDefinition& app, const std::string& value_name, const std::string& description,
                         std::string& target) {
  return AddArgument(app, value_name, description, [&target](const std::string& text) -> Result<void> {
    target = text;
    return {};
  });
}

Option* AddArguments(CommandDefinition& app, const std::string& value_name, const std::string& description,
                          std::vector<std::string>& target) {
  const auto take = [&target](const std::string& text) -> Result<void> {
    target.push_back(text);
    return {};
  };
  Option* const option = AddArgument(app, value_name, description, take);
  option->repeatable = true;
  return option;
}

}  // namespace iris
