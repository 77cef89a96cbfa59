// SPDX-License-Identifier: Apache-2.0

#include "src/cli/ending_watch.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <system_error>
#include <utility>

#include "src/system/log.h"
#include "src/system/signals.h"

namespace iris {

EndingWatch::EndingWatch(std::string message, std::chrono::milliseconds grace)
    : message_(std::move(message)), deaf_until_(std::chrono::steady_clock::now() + grace) {
  try {
    thread_ = std::thread([this] { Watch(); });
  } catch (const std::system_error&) {
    // No thread to be had: a start goes on, a drain has its deadline, and there is always SIGKILL.
  }
}

EndingWatch::~EndingWatch() {
  if (!thread_.joinable()) return;
  done_ = true;
  ::pthread_kill(thread_.native_handle(), SIGHUP);  // blocked, hence only wakes the thread that waits for it
  thread_.join();
}

void EndingWatch::Watch() {
  for (;;) {
    const Result<int> signal = WaitForSignal();
    if (!signal) return;
    if (*signal != SIGHUP && std::chrono::steady_clock::now() >= deaf_until_) {
      Log(LogLevel::kError, message_);
      ::_exit(128 + *signal);
    }
    if (done_) return;
  }
}

}  // namespace iris
