// SPDX-License-Identifier: Apache-2.0
//
// Latencies in fixed memory (60 KB): buckets that are exact below 256 ns and from there on at most 1/128 of their value
// wide, as HdrHistogram has them, over all that 63 bits of nanoseconds can say. Recording is an addition; nothing is
// ever clipped.
// Source: http://hdrhistogram.org.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace iris {

/// A plain value; one thread at a time.
class LatencyHistogram {
 public:
  /// No quantile is further above the exact one than this part of it.
  static constexpr double kRelativeError = 1.0 / 128;

  LatencyHistogram();

  /// Less than nothing counts as nothing.
  void Record(std::chrono::nanoseconds latency);
  void Add(const LatencyHistogram& other);

  std::uint64_t count() const { return count_; }
  /// Exact, and 0 where nothing was recorded.
  std::chrono::nanoseconds min() const { return std::chrono::nanoseconds(count_ == 0 ? 0 : min_); }
  std::chrono::nanoseconds max() const { return std::chrono::nanoseconds(max_); }
  std::chrono::nanoseconds mean() const;

  /// The least latency that at least `fraction` of all do not exceed, or up to kRelativeError more, though never more
  /// than max(); 0 where nothing was recorded. Requires: 0 ≤ fraction ≤ 1.
  std::chrono::nanoseconds Quantile(double fraction) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  double sum_ = 0;  // of nanoseconds; what rounding takes is far below a bucket's width
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace iris
