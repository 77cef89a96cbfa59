// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/workers.h"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

TEST_CASE("everything that was handed in has run when Stop returns") {
  std::atomic<int> done = 0;
  {
    Workers workers;
    REQUIRE(workers.Start(3));
    std::vector<std::thread> givers;
    for (int t = 0; t < 4; ++t) {
      givers.emplace_back([&] {
        for (int i = 0; i < 250; ++i) {
          while (!workers.Run(0, [&done] { ++done; })) std::this_thread::yield();
        }
      });
    }
    for (std::thread& giver : givers) giver.join();
    workers.Stop();
    CHECK(done == 1000);
  }
  CHECK(done == 1000);
}

TEST_CASE("one worker keeps the order of arrival") {
  std::vector<int> order;
  Workers workers;
  REQUIRE(workers.Start(1));
  for (int i = 0; i < 50; ++i) REQUIRE(workers.Run(0, [&order, i] { order.push_back(i); }));
  workers.Stop();
  REQUIRE(order.size() == 50);
  for (int i = 0; i < 50; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("so many may wait and no more, and what was refused never runs") {
  std::atomic<std::size_t> done = 0;
  std::mutex mutex;
  Workers workers;
  REQUIRE(workers.Start(1));
  std::size_t taken = 0;
  {
    const std::lock_guard hold(mutex);  // the worker waits for it with the first
    const auto work = [&] {
      const std::lock_guard lock(mutex);
      ++done;
    };
    while (taken < 2 * Workers::kMostWaiting && workers.Run(0, work)) ++taken;
    // The worker may have taken one out of the queue, or not yet.
    CHECK((taken == Workers::kMostWaiting || taken == Workers::kMostWaiting + 1));
    CHECK(done == 0);
  }
  while (!workers.Run(0, [&done] { ++done; })) std::this_thread::yield();  // there is room again
  workers.Stop();
  CHECK(done == taken + 1);
}

TEST_CASE("so many bytes may wait and no more, but any number where nothing does") {
  constexpr std::size_t kPiece = std::size_t{4} << 20;
  constexpr std::size_t kFit = Workers::kMostWaitingBytes / kPiece;
  std::atomic<std::size_t> done = 0;
  std::atomic<bool> held = false;
  std::mutex mutex;
  Workers workers;
  REQUIRE(workers.Start(1));
  std::size_t taken = 0;
  {
    const std::lock_guard hold(mutex);
    const auto work = [&] {
      held = true;
      const std::lock_guard lock(mutex);
      ++done;
    };
    REQUIRE(workers.Run(10 * Workers::kMostWaitingBytes, work));
    while (!held) std::this_thread::yield();  // it runs, and does not wait any more
    CHECK(workers.Run(10 * Workers::kMostWaitingBytes, work));
    CHECK_FALSE(workers.Run(1, work));
  }
  while (done < 2) std::this_thread::yield();
  held = false;
  {
    const std::lock_guard hold(mutex);
    const auto work = [&] {
      held = true;
      const std::lock_guard lock(mutex);
      ++done;
    };
    REQUIRE(workers.Run(kPiece, work));
    while (!held) std::this_thread::yield();
    while (taken < 2 * kFit && workers.Run(kPiece, work)) ++taken;
    CHECK(taken == kFit);
    CHECK_FALSE(workers.Run(1, work));
    CHECK(workers.Run(0, work));
  }
  workers.Stop();
  CHECK(done == 2 + 1 + taken + 1);
}

TEST_CASE("workers that never started, or had nothing to do, end") {
  Workers idle;
  REQUIRE(idle.Start(2));
  Workers never;
}

}  // namespace
}  // namespace iris
