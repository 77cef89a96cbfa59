// SPDX-License-Identifier: Apache-2.0

#include "src/cli/command_definition.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace iris {

CommandDefinition::CommandDefinition(std::string name) : name_(std::move(name)) {
  Option help{.kind = OptionKind::kFlag, .name = "--help", .short_name = "-h", .description = "show this help"};
  // Help is asked for before anything is parsed, by the bare word; what comes here is "--help=true".
  help.take = [](const std::string& text) -> Result<void> {
    return Fail(ErrorCode::kInvalidArgument, "found '" + text + "', expected no value");
  };
  Add(std::move(help));
}

Option* CommandDefinition::Add(Option option) {
  options_.push_back(std::move(option));
  return &options_.back();
}

void CommandDefinition::Remove(const Option* option) {
  options_.remove_if([option](const Option& each) { return &each == option; });
}

const Option* CommandDefinition::Find(std::string_view name) const {
  for (const Option& option : options_) {
    if (option.kind != OptionKind::kArgument && (option.name == name || option.short_name == name)) return &option;
  }
  return nullptr;
}

Option* CommandDefinition::Find(std::string_view name) { return const_cast<Option*>(std::as_const(*this).Find(name)); }

const Option* CommandDefinition::Get(std::string_view name) const {
  const Option* const option = Find(name);
  assert(option != nullptr);
  return option;
}

Option* CommandDefinition::Get(std::string_view name) { return const_cast<Option*>(std::as_const(*this).Get(name)); }

}  // namespace iris
