// SPDX-License-Identifier: Apache-2.0

#include "src/metrics/prediction_metrics.h"

#include <algorithm>
#include <thread>

#include "catch_amalgamated.hpp"
#include "tests/metrics/page.h"

namespace iris {
namespace {

TEST_CASE("rows are counted by class; a later model with the same class goes on") {
  PredictionMetrics metrics;
  metrics.TallyFor({"setosa", "versicolor"})->Add(1, 5);
  const auto next = metrics.TallyFor({"virginica", "versicolor"});
  next->Add(1, 2);
  next->Add(0, 1);
  const std::string page = PageOf(metrics);
  CHECK(HasLine(page, "iris_predictions_total{class=\"setosa\",index=\"0\"} 0"));
  CHECK(HasLine(page, "iris_predictions_total{class=\"versicolor\",index=\"1\"} 7"));
  CHECK(HasLine(page, "iris_predictions_total{class=\"virginica\",index=\"0\"} 1"));
}

TEST_CASE("the number of series is bounded, whatever models there are") {
  PredictionMetrics metrics;
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back("class " + std::to_string(i));
  const auto tally = metrics.TallyFor(names);
  for (int i = 0; i < 100; ++i) tally->Add(i, 1);
  const std::string page = PageOf(metrics);
  CHECK(std::ranges::count(page, '\n') == 2 + 64 + 1);
  CHECK(HasLine(page, "iris_predictions_total{class=\"class 63\",index=\"63\"} 1"));
  CHECK(HasLine(page, "iris_predictions_total{class=\"other\",index=\"\"} 36"));
}

TEST_CASE("nothing is lost when threads count at once") {
  PredictionMetrics metrics;
  const auto tally = metrics.TallyFor({"a", "b"});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&tally] {
      for (int i = 0; i < 10'000; ++i) tally->Add(0, 1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(HasLine(PageOf(metrics), "iris_predictions_total{class=\"a\",index=\"0\"} 40000"));
}

}  // namespace
}  // namespace iris
