// SPDX-License-Identifier: Apache-2.0

#include "src/load/schedule.h"

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

using namespace std::chrono_literals;

const LoadClock::time_point kStart = LoadClock::time_point(123456789s);

TEST_CASE("calls are due at the rate, from the start on") {
  const OpenSchedule schedule(kStart, 1000);
  CHECK(schedule.TimeOf(0) == kStart);
  CHECK(schedule.TimeOf(1) == kStart + 1ms);
  CHECK(schedule.TimeOf(86'400'000) == kStart + 24h);
  CHECK(schedule.CountBefore(kStart - 1s) == 0);
  CHECK(schedule.CountBefore(kStart) == 0);
  CHECK(schedule.CountBefore(kStart + 1ns) == 1);
  CHECK(schedule.CountBefore(kStart + 1ms) == 1);
  CHECK(schedule.CountBefore(kStart + 10s) == 10'000);
}

TEST_CASE("the count before the time of a call is its number, at any rate") {
  const double rate = GENERATE(0.001, 0.3, 1.0, 3.0, 7.77, 999.9, 12'345.678, 1e6, 3e6, 1e7);
  const OpenSchedule schedule(kStart, rate);
  CAPTURE(rate);
  for (std::uint64_t call : {0u, 1u, 2u, 3u, 1000u, 12345u, 1'000'000u}) {
    CHECK(schedule.CountBefore(schedule.TimeOf(call)) == call);
    CHECK(schedule.CountBefore(schedule.TimeOf(call) + 1ns) == call + 1);
  }
}

TEST_CASE("no drift: after a day as many are due as the rate says") {
  const double rate = GENERATE(3.0, 7.0, 1234.5, 999'999.0);
  const auto due = static_cast<double>(OpenSchedule(kStart, rate).CountBefore(kStart + 24h));
  CHECK(due == Catch::Approx(rate * 86'400).epsilon(0).margin(1));
}

}  // namespace
}  // namespace iris
