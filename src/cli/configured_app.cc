// SPDX-License-Identifier: Apache-2.0

#include "src/cli/configured_app.h"

namespace iris {

std::string TextOf(const FilePlace& place) {
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

const std::vector<std::string>& ConfiguredApp::ValuesOf(const CLI::Option* option) const {
  static const std::vector<std::string> kNone;
  const auto found = values_.find(option);
  return found == values_.end() ? kNone : found->second;
}

const FilePlace* ConfiguredApp::PlaceOf(const CLI::Option* option) const {
  const auto found = places_.find(option);
  return found == places_.end() ? nullptr : &found->second;
}

}  // namespace iris
