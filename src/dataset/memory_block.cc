// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/memory_block.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace iris {

MemoryBlock::MemoryBlock(std::size_t size, bool all_used) : size_(size) {
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | (all_used ? MAP_POPULATE : 0);
  start_ = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (start_ == MAP_FAILED) {
    if (const std::new_handler handler = std::get_new_handler()) handler();  // what `new` would do
    std::abort();
  }
}

MemoryBlock::~MemoryBlock() {
  if (start_ != nullptr) ::munmap(start_, size_);
}

}  // namespace iris
