// SPDX-License-Identifier: Apache-2.0

#include "src/metrics/exposition.h"

#include <limits>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

std::string Example(ExpositionFormat format) {
  Exposition exposition(format);
  exposition.Family("things_total", MetricType::kCounter, "Things.");
  exposition.Sample({{"kind", "a"}, {"colour", "b"}}, std::uint64_t{3});
  exposition.Family("heat", MetricType::kGauge, "Heat.");
  exposition.Sample({}, 1.5);
  return std::move(exposition).Finish();
}

TEST_CASE("a page in Prometheus' own format") {
  CHECK(Example(ExpositionFormat::kPrometheus) ==
        "# HELP things_total Things.\n# TYPE things_total counter\nthings_total{kind=\"a\",colour=\"b\"} 3\n"
        "# HELP heat Heat.\n# TYPE heat gauge\nheat 1.5\n");
}

TEST_CASE("the same page as OpenMetrics") {
  CHECK(Example(ExpositionFormat::kOpenMetrics) ==
        "# HELP things Things.\n# TYPE things counter\nthings_total{kind=\"a\",colour=\"b\"} 3\n"
        "# HELP heat Heat.\n# TYPE heat gauge\nheat 1.5\n# EOF\n");
}

TEST_CASE("label values cannot break out of their quotes, and bad bytes do not spoil the page") {
  Exposition exposition(ExpositionFormat::kPrometheus);
  exposition.Family("m", MetricType::kGauge, "M.");
  exposition.Sample({{"l", "a\"b\\c\nd"}}, std::uint64_t{1});
  exposition.Sample({{"l", "\xC3\xAF\xF0\x9F\x8C\xB8"}}, std::uint64_t{1});
  exposition.Sample({{"l", "x\xFFy"}}, std::uint64_t{1});
  CHECK(std::move(exposition).Finish() ==
        "# HELP m M.\n# TYPE m gauge\nm{l=\"a\\\"b\\\\c\\nd\"} 1\nm{l=\"\xC3\xAF\xF0\x9F\x8C\xB8\"} 1\nm{l=\"x?y\"} 1\n");
}

TEST_CASE("numbers that are none have Prometheus' names") {
  Exposition exposition(ExpositionFormat::kPrometheus);
  exposition.Family("m", MetricType::kGauge, "M.");
  for (const double value : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    exposition.Sample({}, value);
  }
  CHECK(std::move(exposition).Finish() == "# HELP m M.\n# TYPE m gauge\nm +Inf\nm -Inf\nm NaN\n");
}

}  // namespace
}  // namespace iris
