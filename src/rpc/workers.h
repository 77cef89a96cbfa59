// SPDX-License-Identifier: Apache-2.0
//
// Threads for the few calls that take long, so that the short ones on the same completion queue do not wait behind them,
// and that a cancellation is heard while the work is under way.

#pragma once

#include <condition_variable>
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

  /// Runs `work` on one of the threads, in order of arrival. From any thread, until Stop.
  void Run(std::function<void()> work);

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
