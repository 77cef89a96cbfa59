// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/workers.h"

#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "src/base/text.h"
#include "src/system/free_memory.h"

namespace iris {
namespace {

// A thread that had nothing to do for so long gives back what its last messages needed.
constexpr std::chrono::seconds kQuiet{3};

}  // namespace

Result<void> Workers::Start(int threads) {
  try {
    while (static_cast<int>(threads_.size()) < threads) threads_.emplace_back([this] { Loop(); });
  } catch (const std::system_error& error) {
    return Fail(ErrorCode::kIo, "cannot start a working thread: " + SystemReason(error.code().value()) +
                                    "; raise the limit on processes (ulimit -u, TasksMax=)");
  }
  return {};
}

bool Workers::Run(std::size_t bytes, std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMostWaiting * threads_.size()) return false;
    const std::size_t most = kMostWaitingBytes * threads_.size();
    if (!waiting_.empty() && (bytes > most || waiting_bytes_ > most - bytes)) return false;
    waiting_.push_back({.bytes = bytes, .run = std::move(work)});
    waiting_bytes_ += bytes;
  }
  changed_.notify_one();
  return true;
}

void Workers::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Workers::Loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto due = [this] { return stopping_ || !waiting_.empty(); };
    if (!changed_.wait_for(lock, kQuiet, due)) {
      lock.unlock();
      ReturnFreeMemory();
      lock.lock();
      changed_.wait(lock, due);
    }
    if (waiting_.empty()) return;
    const Work work = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= work.bytes;
    lock.unlock();
    work.run();
    lock.lock();
  }
}

}  // namespace iris
