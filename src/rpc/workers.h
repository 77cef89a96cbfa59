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

  /// Has `work`, which holds a message of `bytes`, run on one of the threads, in order of arrival. Not when
  /// kMostWaiting a thread wait already, or kMostWaitingBytes a thread together with it: the last of more would come
  /// too late for whoever waits, and none of them counts as what a connection holds any more. One that nothing waits
  /// before may have any length. Returns whether it will run. From any thread, until Stop.
  bool Run(std::size_t bytes, std::function<void()> work);

  static constexpr std::size_t kMostWaiting = 64;
  static constexpr std::size_t kMostWaitingBytes = std::size_t{32} << 20;

  /// Returns when everything that was to be run has run.
  void Stop();

 private:
  struct Work {
    std::size_t bytes;
    std::function<void()> run;
  };

  void Loop();

  std::mutex mutex_;  // guards the three below
  std::deque<Work> waiting_;
  std::size_t waiting_bytes_ = 0;  // of all of them
  bool stopping_ = false;
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
};

}  // namespace iris
