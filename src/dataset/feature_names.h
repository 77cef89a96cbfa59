// SPDX-License-Identifier: Apache-2.0
//
// The names of features that came without: feature_1, feature_2, and so on. Pure functions.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace iris {

std::vector<std::string> MadeUpFeatureNames(std::size_t count);

/// Whether `names` are those.
bool AreMadeUpFeatureNames(std::span<const std::string> names);

}  // namespace iris
