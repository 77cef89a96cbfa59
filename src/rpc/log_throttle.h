// SPDX-License-Identifier: Apache-2.0
//
// Keeps a log readable, and a disk from filling, when anybody who can connect can cause a line: the same words come
// once in a while, with a count. Pure: the time is told by the caller. Not thread-safe.

#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace iris {

class LogThrottle {
 public:
  using Clock = std::chrono::steady_clock;

  /// How long the first message opens a window for.
  static constexpr std::chrono::seconds kWindow{10};
  /// How many different messages a window lets through. Whoever varies the words, by way of a name in a certificate,
  /// gets no further than that.
  static constexpr std::size_t kDifferent = 16;

  /// The lines to be written now that `message` has come: what the window that has passed kept back, with counts, and
  /// the message itself, unless it was seen in this window or too many others were.
  std::vector<std::string> Take(std::string_view message, Clock::time_point now);

 private:
  struct Seen {
    std::string message;
    std::size_t kept_back;
  };

  Clock::time_point begin_{};
  std::vector<Seen> seen_;  // in this window
  std::size_t others_ = 0;  // kept back because `seen_` is full
};

}  // namespace iris
