// SPDX-License-Identifier: Apache-2.0
//
// What this program is and how it was built, for whoever asks: the version command, the admin endpoint.

#pragma once

#include <string>

namespace iris {

struct BuildInfo {
  std::string name;
  std::string version;
  std::string machine;   ///< "x86_64"
  std::string libc;      ///< "musl", "glibc 2.36"
  std::string compiler;  ///< "clang 19.1.7"
  std::string licence;
};

BuildInfo GetBuildInfo();

/// One JSON object, indented, with a line end behind it.
std::string BuildInfoJson(const BuildInfo& info);

}  // namespace iris
