// SPDX-License-Identifier: Apache-2.0
//
// All that is measured of a server, as one page.

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/inference/served_model.h"
#include "src/metrics/call_metrics.h"
#include "src/metrics/exposition.h"
#include "src/metrics/model_metrics.h"
#include "src/metrics/prediction_metrics.h"
#include "src/metrics/reload_metrics.h"
#include "src/serving/server.h"

namespace iris {

/// Must outlive the server that it observes. Safe from any thread.
class ServerMetrics final : public ModelObserver {
 public:
  /// What was built: names of labels of iris_build_info, such as "version", and their values.
  using BuildFacts = std::vector<std::pair<std::string, std::string>>;

  explicit ServerMetrics(BuildFacts build) : build_(std::move(build)) {}

  /// Has a server that is started with `options` tell of its calls and models.
  void Observe(ServerOptions& options);

  ReloadMetrics& reloads() { return reloads_; }

  std::shared_ptr<PredictionTally> Serve(const ServedModel& model) override;

  /// The page; `server` is asked about its connections.
  std::string Page(ExpositionFormat format, Server& server) const;

 private:
  void WriteBuild(Exposition& exposition) const;

  const BuildFacts build_;
  CallMetrics calls_;
  PredictionMetrics predictions_;
  ModelMetrics model_;
  ReloadMetrics reloads_;
};

}  // namespace iris
