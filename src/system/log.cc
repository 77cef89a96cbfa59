// SPDX-License-Identifier: Apache-2.0

#include "src/system/log.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace iris {

std::string Printable(std::string_view text) {
  std::string line(text);
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return line;
}

void WriteLogLine(std::string_view message) {
  const std::string line = Printable(message) + '\n';
  while (write(STDERR_FILENO, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

}  // namespace iris
