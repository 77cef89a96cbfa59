// SPDX-License-Identifier: Apache-2.0

#include "src/svm/thread_team.h"

#include <algorithm>
#include <system_error>

namespace iris {
namespace {

constexpr unsigned kMostThreads = 64;  // as many as a pass over the samples has blocks

}  // namespace

unsigned ThreadTeam::MachineThreads() { return std::clamp(std::thread::hardware_concurrency(), 1u, kMostThreads); }

ThreadTeam::~ThreadTeam() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

// Where the system refuses a thread, the loop is shared by those there are: it is slower, and the result is the same.
void ThreadTeam::Start() {
  started_ = true;
  try {
    while (threads_.size() + 1 < std::min(size_, kMostThreads)) threads_.emplace_back([this] { Work(); });
  } catch (const std::system_error&) {
  }
}

void ThreadTeam::Run(const Loop& loop) {
  if (!started_) Start();
  std::unique_lock lock(mutex_);
  loop_ = loop;
  next_ = 0;
  done_ = 0;
  wake_.notify_all();
  TakeIterations(lock);
  finished_.wait(lock, [this] { return done_ == loop_.count; });
  loop_.count = 0;
  next_ = 0;
}

void ThreadTeam::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || next_ < loop_.count; });
    if (ending_) return;
    TakeIterations(lock);
  }
}

void ThreadTeam::TakeIterations(std::unique_lock<std::mutex>& lock) {
  while (next_ < loop_.count) {
    const std::size_t i = next_++;
    const Loop loop = loop_;
    lock.unlock();
    loop.call(loop.body, i);
    lock.lock();
    if (++done_ == loop_.count) finished_.notify_one();
  }
}

}  // namespace iris
