// SPDX-License-Identifier: Apache-2.0

#include "src/metrics/reload_metrics.h"

#include "catch_amalgamated.hpp"
#include "tests/metrics/page.h"

namespace iris {
namespace {

TEST_CASE("outcomes are counted by subject, and the last one is told") {
  ReloadMetrics metrics;
  CHECK(HasLine(PageOf(metrics), "iris_last_reload_successful{subject=\"model\"} 1"));
  metrics.Done(ReloadSubject::kModel, true);
  metrics.Done(ReloadSubject::kModel, false);
  metrics.Done(ReloadSubject::kModel, false);
  const std::string page = PageOf(metrics);
  CHECK(HasLine(page, "iris_reloads_total{subject=\"model\",outcome=\"ok\"} 1"));
  CHECK(HasLine(page, "iris_reloads_total{subject=\"model\",outcome=\"failed\"} 2"));
  CHECK(HasLine(page, "iris_reloads_total{subject=\"tls\",outcome=\"failed\"} 0"));
  CHECK(HasLine(page, "iris_last_reload_successful{subject=\"model\"} 0"));
  CHECK(HasLine(page, "iris_last_reload_success_timestamp_seconds{subject=\"tls\"} 0"));
  CHECK_FALSE(HasLine(page, "iris_last_reload_success_timestamp_seconds{subject=\"model\"} 0"));
}

}  // namespace
}  // namespace iris
