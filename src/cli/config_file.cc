// SPDX-License-Identifier: Apache-2.0

#include "src/cli/config_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "src/base/atomic_file.h"
#include "src/base/number.h"
#include "src/base/text.h"
#include "src/model_file/json_syntax.h"

namespace iris {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;

FilePlace PlaceIn(std::string_view text, const std::string& path, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_begin = before.rfind('\n') + 1;  // 0 on the first line
  const auto is_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; };
  return {.file = path,
          .line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n')),
          .column = 1 + static_cast<std::size_t>(std::ranges::count_if(before.substr(line_begin), is_character))};
}

/// The offset just behind the string whose opening quote is at `begin`. Requires: JSON.
std::size_t EndOfString(std::string_view text, std::size_t begin) {
  std::size_t at = begin + 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

struct KeyOffsets {
  std::size_t key;
  std::size_t value;
};

/// Where the keys of all objects stand, and their values, in the order of the text. Requires: JSON.
std::vector<KeyOffsets> FindKeys(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  std::vector<KeyOffsets> keys;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '"') {
      ++at;
      continue;
    }
    const std::size_t begin = std::exchange(at, EndOfString(text, at));
    const std::size_t next = text.find_first_not_of(kBlanks, at);
    if (next == std::string_view::npos || text[next] != ':') continue;  // a value
    keys.push_back({begin, text.find_first_not_of(kBlanks, next + 1)});
  }
  return keys;
}

/// Reads the tree while it counts the keys that it comes by, to know where they stand.
class Reader {
 public:
  Reader(std::string_view text, const std::string& path) : text_(text), path_(path), keys_(FindKeys(text)) {}

  Result<ConfigFile> Read(const Json& root) {
    ConfigFile file{.path = path_, .sections = {}};
    if (!root.is_object()) {
      return Fail(ErrorCode::kConfiguration, TextOf(PlaceIn(text_, path_, text_.find_first_not_of(" \t\r\n"))) +
                                                 ": found " + Described(root) + ", expected " + kExample);
    }
    for (const auto& [command, settings] : root.items()) {
      FileSection section{.command = command, .place = Next().first, .settings = {}};
      if (!settings.is_object()) {
        return Fail(ErrorCode::kConfiguration, TextOf(section.place) + ": " + Quote(command) + ": found " +
                                                   Described(settings) + ", expected " + kExample);
      }
      for (const auto& [name, value] : settings.items()) {
        Result<FileSetting> setting = ReadSetting(name, value);
        if (!setting) return std::unexpected(std::move(setting.error()));
        section.settings.push_back(*std::move(setting));
      }
      file.sections.push_back(std::move(section));
    }
    return file;
  }

 private:
  static constexpr const char* kExample =
      "an object of settings under the name of their command, as in {\"serve\": {\"drain-timeout\": 20}}";

  static std::string Described(const Json& value) {
    if (value.is_string()) return "the text " + Quote(value.get_ref<const std::string&>());
    if (value.is_structured()) return value.is_array() ? "an array" : "an object";
    return value.dump();
  }

  /// The places of the next key and its value.
  std::pair<FilePlace, FilePlace> Next() {
    const KeyOffsets& offsets = keys_[next_++];
    return {PlaceIn(text_, path_, offsets.key), PlaceIn(text_, path_, offsets.value)};
  }

  Result<FileSetting> ReadSetting(const std::string& name, const Json& value) {
    auto [name_place, value_place] = Next();
    FileSetting setting{.name = name,
                        .kind = SettingKind::kText,
                        .values = {},
                        .name_place = std::move(name_place),
                        .value_place = std::move(value_place)};
    const bool texts =
        value.is_array() && std::ranges::all_of(value, [](const Json& each) { return each.is_string(); });
    const auto has_nul = [](const Json& text) {
      return text.get_ref<const std::string&>().find('\0') != std::string::npos;
    };
    if ((value.is_string() && has_nul(value)) || (texts && std::ranges::any_of(value, has_nul))) {
      return Fail(ErrorCode::kConfiguration,
                  TextOf(setting.value_place) + ": " + Quote(name) + ": found a NUL character, expected text without");
    }
    if (value.is_null() || (texts && value.empty())) {
      setting.kind = SettingKind::kUnset;
    } else if (value.is_string()) {
      setting.values.push_back(value.get<std::string>());
    } else if (value.is_boolean()) {
      setting.kind = SettingKind::kTruth;
      setting.values.emplace_back(value.get<bool>() ? "true" : "false");
    } else if (value.is_number()) {
      setting.kind = SettingKind::kNumber;  // whole ones as they are: an option may not take 1e+06
      setting.values.push_back(value.is_number_float() ? FormatDouble(value.get<double>()) : value.dump());
    } else if (texts) {
      setting.kind = SettingKind::kList;
      for (const Json& each : value) setting.values.push_back(each.get<std::string>());
    } else {
      return Fail(ErrorCode::kConfiguration,
                  TextOf(setting.value_place) + ": " + Quote(name) + ": found " + Described(value) +
                      (value.is_array() ? " of other things than texts" : "") +
                      ", expected text, a number, true, false or an array of texts; null for the default");
    }
    return setting;
  }

  const std::string_view text_;
  const std::string& path_;
  const std::vector<KeyOffsets> keys_;
  std::size_t next_ = 0;
};

}  // namespace

const FileSetting* FileSection::Find(std::string_view name) const {
  const auto found = std::ranges::find(settings, name, &FileSetting::name);
  return found == settings.end() ? nullptr : &*found;
}

const FileSection* ConfigFile::Find(std::string_view command) const {
  const auto found = std::ranges::find(sections, command, &FileSection::command);
  return found == sections.end() ? nullptr : &*found;
}

const FileSetting* ConfigFile::Find(std::string_view command, std::string_view name) const {
  const FileSection* section = Find(command);
  return section == nullptr ? nullptr : section->Find(name);
}

Result<ConfigFile> ParseConfigFile(std::string_view text, const std::string& path) {
  if (const std::optional<JsonProblem> problem = FindJsonProblem(text)) {
    const std::string place = problem->offset ? TextOf(PlaceIn(text, path, *problem->offset)) : path;
    return Fail(ErrorCode::kConfiguration, place + ": " + problem->what);
  }
  const Result<Json> root = ParseStrictJson(text, path);
  if (!root) return Fail(ErrorCode::kConfiguration, root.error().message);
  return Reader(text, path).Read(*root);
}

Result<ConfigFile> ReadConfigFile(const std::string& path) {
  // A pipe might never end, and signals may wait meanwhile.
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return Fail(ErrorCode::kConfiguration, path + ": found no regular file, expected one");
  }
  const Result<std::string> text = ReadFile(path, kMostBytes);
  if (!text && text.error().code == ErrorCode::kBadData) {
    return Fail(ErrorCode::kConfiguration, text.error().message);
  }
  if (!text) return std::unexpected(text.error());
  return ParseConfigFile(*text, path);
}

}  // namespace iris
