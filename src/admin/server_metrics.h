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
#include "src/system/confinement.h"

namespace iris {

/// Must outlive the server that it observes. Safe from any thread.
class ServerMetrics final : public ModelObserver {
 public:
  /// What was built: names of labels of iris_build_info, such as "version", and their values.
  using BuildFacts = std::vector<std::pair<std::string, std::string>>;

  /// `confinement` is only looked at now.
  explicit ServerMetrics(BuildFacts build, const Confinement& confinement = {});

  /// Has a server that is started with `options` tell of its calls and models. Its certificate is measured as well.
  void Observe(ServerOptions& options);

  ReloadMetrics& reloads() { return reloads_; }

  std::shared_ptr<PredictionTally> Serve(const ServedModel& model) override;

  /// The page; `server` is asked about its connections.
  std::string Page(ExpositionFormat format, Server& server) const;

 private:
  /// What of a confinement is in force.
  struct Confined {
    bool no_new_privileges;
    bool landlock;
    bool seccomp;
  };

  void WriteBuild(Exposition& exposition) const;
  void WriteConfinement(Exposition& exposition) const;
  void WriteCertificate(Exposition& exposition) const;

  const BuildFacts build_;
  const Confined confined_;
  CallMetrics calls_;
  PredictionMetrics predictions_;
  ModelMetrics model_;
  ReloadMetrics reloads_;
  std::shared_ptr<const ServerTlsStore> tls_;  // of the server; null: it has none
};

}  // namespace iris
