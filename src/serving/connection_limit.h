// SPDX-License-Identifier: Apache-2.0
//
// How many connections there are at once. gRPC does not tell when one closes, so they are known by their descriptors:
// the system gives the lowest number that is free, hence a number that was given before means that its connection has
// closed, and only a new one is one more.

#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

namespace iris {

/// All on one thread.
class ConnectionLimit {
 public:
  using Clock = std::chrono::steady_clock;

  /// How often it is looked at most which ones are still open.
  static constexpr std::chrono::milliseconds kLookEvery{100};

  /// `most` ≥ 1 may be open at once; `is_open` says whether a descriptor that was admitted still is that of a connection.
  ConnectionLimit(std::size_t most, std::function<bool(int)> is_open);

  /// Whether `connection`, which was just accepted, may stay. Exact, but for connections whose number something else has
  /// now: they count until the next look.
  bool Admit(int connection, Clock::time_point now);

  std::size_t most() const { return most_; }

 private:
  void Look();

  const std::size_t most_;
  const std::function<bool(int)> is_open_;
  std::vector<bool> admitted_;  // by descriptor
  std::size_t count_ = 0;       // of those that are true
  Clock::time_point next_look_{};
};

/// How many connections `wanted` come to where the process may have no more descriptors than the system allows. Raises
/// that limit as far as it may be (the hard limit), and leaves some for the admin endpoint, files that are read again, and
/// the `threads` that serve: where there are few, a quarter. At least 1.
std::size_t ConnectionsAllowed(std::size_t wanted, int threads);

}  // namespace iris
