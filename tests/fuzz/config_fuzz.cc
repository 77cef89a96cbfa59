// SPDX-License-Identifier: Apache-2.0
//
// The configuration file: what reads has its places within the text, says the same when it is written out and read
// again, and is held against the commands' options without anything thrown.

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "src/cli/config_file.h"
#include "src/cli/settings.h"
#include "tests/fuzz/fuzz.h"

namespace iris {
namespace {

using Json = nlohmann::ordered_json;

std::string Write(const ConfigFile& file) {
  Json root = Json::object();
  for (const FileSection& section : file.sections) {
    Json object = Json::object();
    for (const FileSetting& setting : section.settings) {
      Json& value = object[setting.name];
      switch (setting.kind) {
        case SettingKind::kText: value = setting.values.at(0); break;
        case SettingKind::kNumber:  // JSON's whole numbers have no zero with a sign
          value = setting.values.at(0) == "-0" ? Json(-0.0) : Json::parse(setting.values.at(0));
          break;
        case SettingKind::kTruth: value = setting.values.at(0) == "true"; break;
        case SettingKind::kList: value = setting.values; break;
        case SettingKind::kUnset: value = nullptr; break;
      }
    }
    root[section.command] = std::move(object);
  }
  return root.dump();
}

bool SaySame(const ConfigFile& a, const ConfigFile& b) {
  if (a.sections.size() != b.sections.size()) return false;
  for (std::size_t i = 0; i < a.sections.size(); ++i) {
    const FileSection& x = a.sections[i];
    const FileSection& y = b.sections[i];
    if (x.command != y.command || x.settings.size() != y.settings.size()) return false;
    for (std::size_t j = 0; j < x.settings.size(); ++j) {
      if (!x.settings[j].SaysAs(y.settings[j]) || x.settings[j].kind != y.settings[j].kind) return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace iris

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iris;
  const std::string_view text = fuzz::Text(data, size);
  const Result<ConfigFile> file = ParseConfigFile(text, "origin");
  if (!file) {
    fuzz::RequireMessage(file.error().message);
    return 0;
  }
  for (const FileSection& section : file->sections) {
    for (const FileSetting& setting : section.settings) {
      fuzz::Require(setting.value_place.line >= 1 && setting.value_place.line <= size, "a line of the text");
      fuzz::Require(setting.value_place.column >= 1 && setting.value_place.column <= size, "a column of the text");
    }
  }
  const Result<ConfigFile> again = ParseConfigFile(Write(*file), "again");
  fuzz::Require(again && SaySame(*file, *again), "what was written says the same", again ? "" : again.error().message);

  const fuzz::MemoryFile stored(text);
  const Result<ConfigFile> loaded = LoadConfigFile(stored.path());
  if (!loaded) {
    fuzz::RequireMessage(loaded.error().message);
    return 0;
  }
  for (const FileSection& section : loaded->sections) {
    const Result<void> checked = CheckSettings(*loaded, section.command);
    if (!checked) fuzz::RequireMessage(checked.error().message);
  }
  return 0;
}
