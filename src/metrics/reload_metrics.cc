// SPDX-License-Identifier: Apache-2.0

#include "src/metrics/reload_metrics.h"

#include <chrono>
#include <string_view>

namespace iris {
namespace {

constexpr std::array<std::string_view, kReloadSubjects> kNames = {"model", "tls", "log"};
constexpr double kMillisecondsPerSecond = 1000;

}  // namespace

void ReloadMetrics::Done(ReloadSubject subject, bool ok) {
  Outcomes& outcomes = outcomes_[static_cast<std::size_t>(subject)];
  ++(ok ? outcomes.succeeded : outcomes.failed);
  outcomes.last_ok = ok;
  if (!ok) return;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  outcomes.last_success = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

void ReloadMetrics::Write(Exposition& exposition) const {
  exposition.Family("iris_reloads_total", MetricType::kCounter,
                    "Times that something was read again while serving, by what and whether it could be used.");
  for (std::size_t i = 0; i < kReloadSubjects; ++i) {
    exposition.Sample({{"subject", kNames[i]}, {"outcome", "ok"}}, outcomes_[i].succeeded.load());
    exposition.Sample({{"subject", kNames[i]}, {"outcome", "failed"}}, outcomes_[i].failed.load());
  }
  exposition.Family("iris_last_reload_successful", MetricType::kGauge,
                    "1 unless the last reading again failed, so that something older is in use.");
  for (std::size_t i = 0; i < kReloadSubjects; ++i) {
    exposition.Sample({{"subject", kNames[i]}}, std::uint64_t{outcomes_[i].last_ok.load()});
  }
  exposition.Family("iris_last_reload_success_timestamp_seconds", MetricType::kGauge,
                    "When the last reading again succeeded; 0 when there was none since the start.");
  for (std::size_t i = 0; i < kReloadSubjects; ++i) {
    exposition.Sample({{"subject", kNames[i]}},
                      static_cast<double>(outcomes_[i].last_success.load()) / kMillisecondsPerSecond);
  }
}

}  // namespace iris
