// SPDX-License-Identifier: Apache-2.0

#include "src/system/free_memory.h"

#include <cstddef>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"

// The release's allocator, of which the builds on glibc have none.
extern "C" [[gnu::weak]] void mi_collect(bool force) noexcept;

namespace iris {
namespace {

// KiB that are resident.
long Resident() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

TEST_CASE("what was freed goes back to the kernel") {
  constexpr std::size_t kBlocks = 20'000;
  constexpr std::size_t kBytes = 4'000;
  std::vector<std::unique_ptr<char[]>> blocks;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    blocks.push_back(std::make_unique<char[]>(kBytes));
    blocks.back()[i % kBytes] = 'x';
  }
  const long most = Resident();
  blocks.clear();
  ReturnFreeMemory();
  CHECK(std::make_unique<char[]>(kBytes)[0] == 0);  // there is more to be had
  if (mi_collect == nullptr) return;
  CHECK(most - Resident() > static_cast<long>(kBlocks * kBytes / 1024 / 2));
}

}  // namespace
}  // namespace iris
