// SPDX-License-Identifier: Apache-2.0
//
// A few threads that share a loop. Which thread runs which iteration is left to chance; results must not depend on it:
// each iteration writes its own place, and what is to be added up is added afterwards, in the order of the iterations
// (sample_blocks.h).

#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace iris {

/// Threads that sleep between loops. They start with the first loop that has something for them to do, so that small
/// problems never pay for them, and end with the team. Used from one thread at a time; loops do not nest.
class ThreadTeam {
 public:
  /// A team of `threads`, the calling one included; 0: as many as the machine allows.
  explicit ThreadTeam(unsigned threads) : size_(threads) {}
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;
  ~ThreadTeam();

  /// How many threads share a loop, the calling one included.
  unsigned size() {
    if (size_ == 0) size_ = MachineThreads();
    return size_;
  }

  /// Calls body(i) once for each i < count, from any of the threads, and returns when all of them are done; what they
  /// wrote is then visible to the caller. A single iteration runs on the calling thread. Requires: body throws nothing.
  template <typename Body>
  void ForEach(std::size_t count, Body&& body) {
    if (count <= 1 || size() == 1) {
      for (std::size_t i = 0; i < count; ++i) body(i);
      return;
    }
    using Bare = std::remove_reference_t<Body>;
    Run({[](void* b, std::size_t i) { (*static_cast<Bare*>(b))(i); }, &body, count});
  }

 private:
  struct Loop {
    void (*call)(void* body, std::size_t i) = nullptr;
    void* body = nullptr;
    std::size_t count = 0;
  };

  static unsigned MachineThreads();
  void Run(const Loop& loop);
  void Start();
  void Work();
  void TakeIterations(std::unique_lock<std::mutex>& lock);

  unsigned size_;  // 0: not asked for yet, which takes the system as long as a small problem
  bool started_ = false;
  std::vector<std::thread> threads_;
  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::condition_variable finished_;
  Loop loop_;
  std::size_t next_ = 0;  // iterations handed out
  std::size_t done_ = 0;  // iterations finished
  bool ending_ = false;
};

}  // namespace iris
