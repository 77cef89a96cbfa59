// SPDX-License-Identifier: Apache-2.0
//
// The memory of answers that are given and not yet read: all connections' together have a limit, because gRPC's own
// (grpc::ResourceQuota) counts what was received and no more.

#pragma once

#include <atomic>
#include <cstddef>
#include <optional>

namespace iris {

/// Threading: any number of threads.
class AnswerMemory {
 public:
  /// Units: bytes.
  explicit AnswerMemory(std::size_t most) : most_(most) {}

  /// Sets `bytes` aside for an answer; returns how many are to be given back when it is sent or nobody waits for it any
  /// more: none for a short one, which is not worth counting. Nothing: there is no room for it.
  std::optional<std::size_t> Take(std::size_t bytes) {
    if (bytes < kShort) return 0;
    if (taken_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= most_) return bytes;
    Give(bytes);
    return std::nullopt;
  }

  /// `bytes` that Take returned.
  void Give(std::size_t bytes) { taken_.fetch_sub(bytes, std::memory_order_relaxed); }

  /// What to tell a caller whose answer has no room.
  static constexpr const char* kNoRoom =
      "answers that nobody has read yet take all the memory that there is for them (--max-memory); try again later";

  static constexpr std::size_t kShort = std::size_t{8} << 10;

 private:
  const std::size_t most_;
  std::atomic<std::size_t> taken_ = 0;
};

}  // namespace iris
