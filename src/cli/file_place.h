// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <string>

namespace iris {

/// A place in a file; line and column (in characters) from 1 on.
struct FilePlace {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
};

/// "/etc/iris.json:3:14".
std::string TextOf(const FilePlace& place);

}  // namespace iris
