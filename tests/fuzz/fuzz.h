// SPDX-License-Identifier: Apache-2.0
//
// What the fuzz targets share. Each target is one file with LLVMFuzzerTestOneInput, which libFuzzer calls with bytes that
// it makes up; a target checks what must hold for any bytes, and ends the process where it does not.

#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "src/base/descriptor.h"

namespace iris::fuzz {

/// Ends the process, which libFuzzer takes for a finding and keeps the input of, unless `holds`.
inline void Require(bool holds, std::string_view what, std::string_view detail = {}) {
  if (holds) return;
  std::fprintf(stderr, "REQUIRED, AND NOT SO: %.*s %.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(detail.size()), detail.data());
  std::abort();
}

inline std::string_view Text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// A message for a person: there, on one line, and UTF-8 or at least free of what commands a terminal.
inline void RequireMessage(const std::string& message) {
  Require(!message.empty(), "an error has a message");
  for (const char c : message) {
    Require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a message is one line", message);
  }
}

/// A file that exists in memory alone, for readers that want a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content) : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    Require(fd_ && ::write(fd_.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()),
            "memory for a file");
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

 private:
  Descriptor fd_;
};

}  // namespace iris::fuzz
