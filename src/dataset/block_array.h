// SPDX-License-Identifier: Apache-2.0
//
// An array that grows without ever being copied as a whole: a vector that doubles holds its content twice while it
// moves, and keeps room for as much again. What is appended goes to blocks; Take() then makes one vector of exactly the
// right size, giving each block back as soon as it is copied, so that the most that is held beside the content is one
// block.

#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <vector>

#include "src/dataset/memory_block.h"

namespace iris {

/// Appends numbers. One thread.
template <typename T>
requires std::is_arithmetic_v<T>
class BlockArray {
 public:
  std::size_t size() const { return size_; }

  /// Room for `count` values in a row behind the last one. Valid until the next Room or Take. Requires: count > 0.
  T* Room(std::size_t count) {
    if (static_cast<std::size_t>(end_ - next_) < count) AddBlock(count);
    return next_;
  }
  /// Keeps the first `count` of the values that Room() was asked for.
  void Keep(std::size_t count) {
    next_ += count;
    size_ += count;
  }

  void Append(T value) {
    *Room(1) = value;
    Keep(1);
  }

  /// All values in order; the array is then empty.
  std::vector<T> Take() {
    std::vector<T> all;
    all.reserve(size_);
    if (!blocks_.empty()) blocks_.back().end = next_;
    for (Block& block : blocks_) {
      all.insert(all.end(), static_cast<const T*>(block.memory->start()), static_cast<const T*>(block.end));
      block.memory.reset();
    }
    *this = {};
    return all;
  }

 private:
  static constexpr std::size_t kSmallest = (std::size_t{1} << 16) / sizeof(T);  // 64 KiB
  static constexpr std::size_t kLargest = (std::size_t{1} << 22) / sizeof(T);   // 4 MiB

  struct Block {
    std::optional<MemoryBlock> memory;
    T* end;  // of its values; of the last block, which is being filled, next_ says it
  };

  void AddBlock(std::size_t count) {
    if (!blocks_.empty()) blocks_.back().end = next_;
    const std::size_t capacity = std::max(std::clamp(size_, kSmallest, kLargest), count);
    blocks_.push_back({MemoryBlock(capacity * sizeof(T), capacity == kLargest), nullptr});
    next_ = static_cast<T*>(blocks_.back().memory->start());
    end_ = next_ + capacity;
  }

  std::vector<Block> blocks_;
  T* next_ = nullptr;  // where the next value goes
  T* end_ = nullptr;   // of the last block's room
  std::size_t size_ = 0;
};

}  // namespace iris
