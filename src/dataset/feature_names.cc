// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/feature_names.h"

namespace iris {
namespace {

std::string MadeUpName(std::size_t index) { return "feature_" + std::to_string(index + 1); }

}  // namespace

std::vector<std::string> MadeUpFeatureNames(std::size_t count) {
  std::vector<std::string> names;
  names.reserve(count);
  for (std::size_t k = 0; k < count; ++k) names.push_back(MadeUpName(k));
  return names;
}

bool AreMadeUpFeatureNames(std::span<const std::string> names) {
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (names[k] != MadeUpName(k)) return false;
  }
  return true;
}

}  // namespace iris
