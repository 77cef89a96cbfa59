// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/workers.h"

#include <string>
#include <system_error>
#include <utility>

#include "src/base/text.h"

namespace iris {

Result<void> Workers::Start(int threads) {
  try {
    while (static_cast<int>(threads_.size()) < threads) threads_.emplace_back([this] { Loop(); });
  } catch (const std::system_error& error) {
    return Fail(ErrorCode::kIo, "cannot start a working thread: " + SystemReason(error.code().value()) +
                                    "; raise the limit on processes (ulimit -u, TasksMax=)");
  }
  return {};
}

bool Workers::Run(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMostWaiting * threads_.size()) return false;
    waiting_.push_back(std::move(work));
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
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace iris
