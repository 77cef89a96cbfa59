// SPDX-License-Identifier: Apache-2.0
//
// For the times when the thread that waits for signals has something else to do: a start, a drain.

#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace iris {

/// Ends the process at once with 128 + its number, as the signal itself would have done, when a SIGTERM or SIGINT comes
/// while this lives. Those of the first `grace` are taken and do nothing.
class EndingWatch {
 public:
  /// `message` says why, on the log.
  EndingWatch(std::string message, std::chrono::milliseconds grace);
  EndingWatch(const EndingWatch&) = delete;
  EndingWatch& operator=(const EndingWatch&) = delete;
  /// From now on signals wait for whoever asks for them next; none is lost.
  ~EndingWatch();

 private:
  void Watch();

  const std::string message_;
  const std::chrono::steady_clock::time_point deaf_until_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

}  // namespace iris
