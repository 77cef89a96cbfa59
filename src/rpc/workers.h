// SPDX-License-Identifier: Apache-2.0
//
// Threads for the few calls that take long, so that the short ones on the same completion queue do not wait behind them,
// and that a cancellation is heard while the work is under way.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "src/base/error.h"

namespace iris {

class Workers {
 public:
  Workers() = default;
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() { Stop(); }

  /// Errors: kIo when a thread cannot be had.
  Result<void> Start(int threads);

  /// Has `work` run on one of the threads, in order of arrival, unless kMostWaiting a thread wait already: each holds a
  /// long message, and the last of more would come too late for whoever waits. Returns whether it will. From any
  /// thread, until Stop.
  bool Run(std::function<void()> work);

  static constexpr std::size_t kMostWaiting = 64;

  /// Returns when everything that was to be run has run.
  void Stop();

 private:
  void Loop();

  std::mutex mutex_;  // guards the two below
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
};

}  // namespace iris
