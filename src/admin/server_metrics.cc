// SPDX-License-Identifier: Apache-2.0

#include "src/admin/server_metrics.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "src/base/sha256.h"
#include "src/metrics/process_metrics.h"
#include "src/model_file/json_model.h"

namespace iris {
namespace {

// As the trainer judges it: the gap of a row's objective, the largest of them.
std::optional<double> RelativeGap(const Model& model) {
  std::optional<double> largest;
  for (const Certificate& row : model.certificates) {
    const double gap = row.objective > 0 ? row.duality_gap / row.objective : row.duality_gap;
    largest = std::max(largest.value_or(gap), gap);
  }
  return largest;
}

void WriteConnections(Exposition& exposition, const ConnectionCounts& connections) {
  exposition.Family("iris_connections_open", MetricType::kGauge, "Connections that are open.");
  exposition.Sample({}, std::uint64_t{connections.open});
  exposition.Family("iris_connections_accepted_total", MetricType::kCounter, "Connections accepted.");
  exposition.Sample({}, connections.accepted);
  exposition.Family("iris_connections_refused_total", MetricType::kCounter,
                    "Connections that were not taken. limit: closed at once, because there were as many as there may "
                    "be; unavailable: it broke off before, or no descriptor or memory was left and it had to wait.");
  exposition.Sample({{"reason", "limit"}}, connections.beyond_limit);
  exposition.Sample({{"reason", "unavailable"}}, connections.failed);
}

}  // namespace

ServerMetrics::ServerMetrics(BuildFacts build, const Confinement& confinement)
    : build_(std::move(build)),
      confined_{.no_new_privileges = confinement.no_new_privileges(),
                .landlock = confinement.landlock_abi() > 0,
                .seccomp = confinement.system_calls() > 0} {}

void ServerMetrics::Observe(ServerOptions& options) {
  options.observers.push_back(&calls_);
  options.model_observer = this;
  tls_ = options.tls;
}

std::shared_ptr<PredictionTally> ServerMetrics::Serve(const ServedModel& model) {
  model_.Set({.name = model.name,
              .version = model.version,
              .sha256 = Sha256Hex(EncodeModel(*model.model)),
              .relative_gap = RelativeGap(*model.model)});
  return predictions_.TallyFor(model.model->class_names);
}

void ServerMetrics::WriteBuild(Exposition& exposition) const {
  exposition.Family("iris_build_info", MetricType::kGauge, "1; what this program is.");
  const std::vector<Exposition::Label> labels(build_.begin(), build_.end());
  exposition.Sample(std::span(labels), std::uint64_t{1});
}

void ServerMetrics::WriteConfinement(Exposition& exposition) const {
  exposition.Family("iris_confinement", MetricType::kGauge,
                    "1 where the process has given up what it does not need, by mechanism; 0: --confine off, or the "
                    "kernel lacks it.");
  exposition.Sample({{"mechanism", "no_new_privileges"}}, std::uint64_t{confined_.no_new_privileges});
  exposition.Sample({{"mechanism", "landlock"}}, std::uint64_t{confined_.landlock});
  exposition.Sample({{"mechanism", "seccomp"}}, std::uint64_t{confined_.seccomp});
}

void ServerMetrics::WriteCertificate(Exposition& exposition) const {
  if (tls_ == nullptr) return;
  const auto expires = tls_->Get().tls->identity.expires.time_since_epoch();
  exposition.Family("iris_tls_certificate_expiry_timestamp_seconds", MetricType::kGauge,
                    "When the certificate that new connections are shown expires, in seconds since 1970.");
  exposition.Sample({}, static_cast<double>(std::chrono::duration_cast<std::chrono::seconds>(expires).count()));
}

std::string ServerMetrics::Page(ExpositionFormat format, Server& server) const {
  Exposition exposition(format);
  WriteBuild(exposition);
  WriteConfinement(exposition);
  model_.Write(exposition);
  predictions_.Write(exposition);
  calls_.Write(exposition);
  reloads_.Write(exposition);
  WriteCertificate(exposition);
  exposition.Family("iris_serving", MetricType::kGauge, "1 while calls are taken, 0 while draining.");
  exposition.Sample({}, std::uint64_t{server.serving()});
  WriteConnections(exposition, server.connections());
  WriteProcessMetrics(exposition);
  return std::move(exposition).Finish();
}

}  // namespace iris
