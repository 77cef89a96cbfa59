// SPDX-License-Identifier: Apache-2.0

#include "src/metrics/model_metrics.h"

#include <chrono>
#include <utility>

namespace iris {

void ModelMetrics::Set(ModelFacts facts) {
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  const std::lock_guard lock(mutex_);
  facts_ = std::move(facts);
  since_ = now.count();
}

void ModelMetrics::Write(Exposition& exposition) const {
  const std::lock_guard lock(mutex_);
  exposition.Family("iris_model_info", MetricType::kGauge,
                    "1 for the model that is served; sha256 is that of the model as a JSON file.");
  exposition.Sample({{"name", facts_.name}, {"version", facts_.version}, {"sha256", facts_.sha256}}, std::uint64_t{1});
  exposition.Family("iris_model_served_since_timestamp_seconds", MetricType::kGauge,
                    "When this model began to be served, in seconds since 1970.");
  exposition.Sample({}, since_);
  if (!facts_.relative_gap) return;
  exposition.Family("iris_model_relative_duality_gap", MetricType::kGauge,
                    "The largest duality gap of the model's certificate, of the objective: how far from the optimum "
                    "its weights can be at most.");
  exposition.Sample({}, *facts_.relative_gap);
}

}  // namespace iris
