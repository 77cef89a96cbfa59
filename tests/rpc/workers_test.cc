// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/workers.h"

#include <atomic>
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
        for (int i = 0; i < 250; ++i) workers.Run([&done] { ++done; });
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
  for (int i = 0; i < 100; ++i) workers.Run([&order, i] { order.push_back(i); });
  workers.Stop();
  REQUIRE(order.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("workers that never started, or had nothing to do, end") {
  Workers idle;
  REQUIRE(idle.Start(2));
  Workers never;
}

}  // namespace
}  // namespace iris
