// SPDX-License-Identifier: Apache-2.0
//
// What print can print, for those who describe it.

#pragma once

#include <string>
#include <vector>

namespace iris {

/// How the help of print calls its first argument.
inline constexpr const char* kSubjectName = "WHAT";

/// What that can be.
std::vector<std::string> PrintSubjects();

}  // namespace iris
