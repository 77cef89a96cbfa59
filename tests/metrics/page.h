// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "src/metrics/exposition.h"

namespace iris {

/// What a part of the metrics writes.
template <typename Part>
std::string PageOf(const Part& part) {
  Exposition exposition(ExpositionFormat::kPrometheus);
  part.Write(exposition);
  return std::move(exposition).Finish();
}

/// Whether the page has this line.
inline bool HasLine(std::string_view page, const std::string& line) {
  return ("\n" + std::string(page)).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace iris
