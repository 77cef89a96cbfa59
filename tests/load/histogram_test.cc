// SPDX-License-Identifier: Apache-2.0

#include "src/load/histogram.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

using std::chrono::nanoseconds;

/// The definition: the least value that at least the fraction of all do not exceed.
std::int64_t ExactQuantile(std::vector<std::int64_t> values, double fraction) {
  std::ranges::sort(values);
  const auto rank = static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

TEST_CASE("quantiles are the exact ones, or up to 1/128 more") {
  std::mt19937_64 random(GENERATE(1u, 2u, 3u));
  // From nanoseconds to hours.
  std::lognormal_distribution<double> spread(GENERATE(3.0, 12.0, 25.0), GENERATE(0.1, 1.0, 4.0));
  LatencyHistogram histogram;
  std::vector<std::int64_t> values;
  for (int i = 0; i < 5000; ++i) {
    values.push_back(static_cast<std::int64_t>(std::min(spread(random), 1e18)));
    histogram.Record(nanoseconds(values.back()));
  }
  for (const double fraction : {0.0, 0.001, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
    const std::int64_t exact = ExactQuantile(values, fraction);
    const std::int64_t found = histogram.Quantile(fraction).count();
    CAPTURE(fraction);
    CHECK(found >= exact);
    CHECK(static_cast<double>(found - exact) <= static_cast<double>(exact) * LatencyHistogram::kRelativeError);
  }
  CHECK(histogram.min().count() == *std::ranges::min_element(values));
  CHECK(histogram.max().count() == *std::ranges::max_element(values));
  CHECK(histogram.Quantile(1) == histogram.max());
  double sum = 0;
  for (const std::int64_t value : values) sum += static_cast<double>(value);
  CHECK(static_cast<double>(histogram.mean().count()) == Catch::Approx(sum / 5000).epsilon(1e-9).margin(1));
}

TEST_CASE("short latencies are exact, and every bucket's border is on the right side") {
  for (int bit = 0; bit < 63; ++bit) {
    for (const std::int64_t off : {-1, 0, 1}) {
      const std::int64_t value = (std::int64_t{1} << bit) + off;
      LatencyHistogram histogram;
      histogram.Record(nanoseconds(value));
      histogram.Record(nanoseconds(std::numeric_limits<std::int64_t>::max()));
      const std::int64_t found = histogram.Quantile(0.5).count();
      CAPTURE(value);
      CHECK(found >= value);
      CHECK(found - value <= value / 128);
      if (value < 256) CHECK(found == value);
    }
  }
}

TEST_CASE("the longest latency there can be is not clipped, and less than none is none") {
  LatencyHistogram histogram;
  histogram.Record(nanoseconds(std::numeric_limits<std::int64_t>::max()));
  CHECK(histogram.Quantile(0.5).count() == std::numeric_limits<std::int64_t>::max());
  histogram.Record(nanoseconds(-5));
  CHECK(histogram.min().count() == 0);
  CHECK(histogram.Quantile(0.5).count() == 0);
}

TEST_CASE("of nothing everything is 0") {
  const LatencyHistogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.Quantile(0.99).count() == 0);
  CHECK(histogram.mean().count() == 0);
  CHECK(histogram.min().count() == 0);
  CHECK(histogram.max().count() == 0);
}

TEST_CASE("two added are one that recorded all") {
  LatencyHistogram first, second, all, none;
  for (int i = 1; i < 1000; ++i) {
    (i % 3 == 0 ? first : second).Record(nanoseconds(i * i));
    all.Record(nanoseconds(i * i));
  }
  none.Add(second);
  none.Add(LatencyHistogram());
  none.Add(first);
  CHECK(none.count() == all.count());
  CHECK(none.min() == all.min());
  CHECK(none.max() == all.max());
  CHECK(none.mean() == all.mean());
  for (const double fraction : {0.1, 0.5, 0.9, 0.99}) CHECK(none.Quantile(fraction) == all.Quantile(fraction));
}

}  // namespace
}  // namespace iris
