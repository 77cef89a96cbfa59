// SPDX-License-Identifier: Apache-2.0

#include "src/system/free_memory.h"

// mimalloc's. Builds on glibc have another allocator, and no such function.
extern "C" [[gnu::weak]] void mi_collect(bool force) noexcept;

namespace iris {

void ReturnFreeMemory() {
  if (mi_collect != nullptr) mi_collect(true);
}

}  // namespace iris
