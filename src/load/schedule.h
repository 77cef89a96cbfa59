// SPDX-License-Identifier: Apache-2.0
//
// When the calls of an open loop are due: at a fixed rate, whatever the server does. A latency that is counted from
// there holds the time for which a busy server kept a call from being made at all (no coordinated omission).

#pragma once

#include <chrono>
#include <cstdint>

namespace iris {

/// The clock of the load generator.
using LoadClock = std::chrono::steady_clock;

/// Call number i is due i / rate seconds after the start. A plain value.
class OpenSchedule {
 public:
  /// Units: calls a second. Requires: 0.001 ≤ rate ≤ 10^7.
  OpenSchedule(LoadClock::time_point start, double rate) : start_(start), period_(1e9 / rate) {}

  LoadClock::time_point TimeOf(std::uint64_t call) const {
    return start_ + std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(call) * period_));
  }

  /// How many calls are due before `time`: the number of the first that is not.
  std::uint64_t CountBefore(LoadClock::time_point time) const;

 private:
  LoadClock::time_point start_;
  double period_;  // nanoseconds
};

}  // namespace iris
