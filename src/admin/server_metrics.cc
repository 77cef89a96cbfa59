// SPDX-License-Identifier: Apache-2.0

#include "src/admin/server_metrics.h"

#include <algorithm>
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
                    "Times that a connection could not be taken: it broke off before, or no descriptor or memory was "
                    "left and it had to wait.");
  exposition.Sample({}, connections.refused);
}

}  // namespace

void ServerMetrics::Observe(ServerOptions& options) {
  options.observers.push_back(&calls_);
  options.model_observer = this;
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

std::string ServerMetrics::Page(ExpositionFormat format, Server& server) const {
  Exposition exposition(format);
  WriteBuild(exposition);
  model_.Write(exposition);
  predictions_.Write(exposition);
  calls_.Write(exposition);
  reloads_.Write(exposition);
  exposition.Family("iris_serving", MetricType::kGauge, "1 while calls are taken, 0 while draining.");
  exposition.Sample({}, std::uint64_t{server.serving()});
  WriteConnections(exposition, server.connections());
  WriteProcessMetrics(exposition);
  return std::move(exposition).Finish();
}

}  // namespace iris
