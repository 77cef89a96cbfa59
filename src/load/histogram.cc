// SPDX-License-Identifier: Apache-2.0

#include "src/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace iris {
namespace {

// Values of 8 significant bits have a bucket each; longer ones share it with those that begin with the same 8 bits.
constexpr int kBits = 8;
constexpr std::size_t kExact = std::size_t{1} << kBits;
constexpr std::size_t kHalf = kExact / 2;
constexpr std::size_t kBuckets = kExact + (63 - kBits) * kHalf;

std::size_t BucketOf(std::uint64_t value) {
  if (value < kExact) return value;
  const int shift = static_cast<int>(std::bit_width(value)) - kBits;
  return kExact + static_cast<std::size_t>(shift - 1) * kHalf + ((value >> shift) - kHalf);
}

// The largest value in it.
std::uint64_t TopOf(std::size_t bucket) {
  if (bucket < kExact) return bucket;
  const std::size_t shift = (bucket - kExact) / kHalf + 1;
  const std::uint64_t leading = (bucket - kExact) % kHalf + kHalf;
  return ((leading + 1) << shift) - 1;
}

}  // namespace

LatencyHistogram::LatencyHistogram() : buckets_(kBuckets) {}

void LatencyHistogram::Record(std::chrono::nanoseconds latency) {
  const std::int64_t value = std::max<std::int64_t>(latency.count(), 0);
  ++buckets_[BucketOf(static_cast<std::uint64_t>(value))];
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
  ++count_;
}

void LatencyHistogram::Add(const LatencyHistogram& other) {
  if (other.count_ == 0) return;
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
  count_ += other.count_;
}

std::chrono::nanoseconds LatencyHistogram::mean() const {
  if (count_ == 0) return std::chrono::nanoseconds(0);
  return std::chrono::nanoseconds(std::llround(sum_ / static_cast<double>(count_)));
}

std::chrono::nanoseconds LatencyHistogram::Quantile(double fraction) const {
  if (count_ == 0) return std::chrono::nanoseconds(0);
  const auto wanted = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
  const std::uint64_t rank = std::clamp<std::uint64_t>(wanted, 1, count_);
  std::size_t bucket = 0;
  for (std::uint64_t below = buckets_[0]; below < rank; below += buckets_[bucket]) ++bucket;
  return std::chrono::nanoseconds(std::min(static_cast<std::int64_t>(TopOf(bucket)), max_));
}

}  // namespace iris
