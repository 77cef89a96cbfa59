// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <utility>

namespace iris {

/// Memory straight from the system, which gets it back at once when this ends; an allocator may keep what it is given
/// back, and did: a quarter of a table that was being loaded. Movable; one thread.
class MemoryBlock {
 public:
  /// At least `size` bytes, all zero. `all_used`: they will all be written to, so that the system need not find that
  /// out page by page. Throws std::bad_alloc, as `new` does, when there is no more.
  MemoryBlock(std::size_t size, bool all_used);
  MemoryBlock(MemoryBlock&& other) noexcept : start_(std::exchange(other.start_, nullptr)), size_(other.size_) {}
  MemoryBlock& operator=(MemoryBlock&&) = delete;
  ~MemoryBlock();

  void* start() const { return start_; }

 private:
  void* start_;
  std::size_t size_;
};

}  // namespace iris
