// SPDX-License-Identifier: Apache-2.0
//
// What is counted of a load.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "src/load/histogram.h"
#include "src/load/schedule.h"

namespace iris {

/// gRPC's status codes are 0 (OK) to 16.
inline constexpr std::size_t kStatusCodes = 17;

/// Of the calls that are measured. A plain value; one thread at a time.
struct LoadTally {
  LatencyHistogram latencies;  ///< Of the calls that were answered, rightly or wrongly.
  std::uint64_t wrong = 0;     ///< Answered, but not as the model predicts.
  std::array<std::uint64_t, kStatusCodes> failed{};  ///< By status; none is OK.
  std::array<std::string, kStatusCodes> reasons{};   ///< What the first of them had to say.
  std::uint64_t sent = 0;
  LoadClock::time_point last_sent{};
  LoadClock::time_point last_end{};
  std::chrono::nanoseconds latest{};  ///< The longest that a call of an open loop was sent after it was due.

  std::uint64_t answered() const { return latencies.count(); }
  std::uint64_t failures() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : failed) sum += count;
    return sum;
  }

  void Add(const LoadTally& other) {
    latencies.Add(other.latencies);
    wrong += other.wrong;
    for (std::size_t i = 0; i < kStatusCodes; ++i) {
      failed[i] += other.failed[i];
      if (reasons[i].empty()) reasons[i] = other.reasons[i];
    }
    sent += other.sent;
    last_sent = std::max(last_sent, other.last_sent);
    last_end = std::max(last_end, other.last_end);
    latest = std::max(latest, other.latest);
  }
};

}  // namespace iris
