// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/log_throttle.h"

#include <string>
#include <vector>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

const LogThrottle::Clock::time_point kStart = LogThrottle::Clock::now();

TEST_CASE("the same words come once in a window, and are counted") {
  LogThrottle throttle;
  CHECK(throttle.Take("a", kStart) == Lines{"a"});
  for (int i = 1; i <= 7; ++i) CHECK(throttle.Take("a", kStart + i * 1s).empty());
  CHECK(throttle.Take("b", kStart + 8s) == Lines{"b"});
  CHECK(throttle.Take("b", kStart + 9999ms).empty());
  CHECK(throttle.Take("a", kStart + 10s) == Lines{"a (7 more within 10 s)", "b (1 more within 10 s)", "a"});
  CHECK(throttle.Take("c", kStart + 60s) == Lines{"c"});  // nothing was kept back since
}

TEST_CASE("whoever varies the words gets no further than a window's share") {
  LogThrottle throttle;
  std::size_t lines = 0;
  for (int i = 0; i < 1000; ++i) lines += throttle.Take("peer " + std::to_string(i), kStart).size();
  CHECK(lines == LogThrottle::kDifferent);
  CHECK(throttle.Take("x", kStart + 10s) == Lines{"other messages (984 more within 10 s)", "x"});
}

}  // namespace
}  // namespace iris
