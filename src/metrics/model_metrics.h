// SPDX-License-Identifier: Apache-2.0
//
// Which model is served, and how good its certificate is.

#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "src/metrics/exposition.h"

namespace iris {

struct ModelFacts {
  std::string name;
  std::string version;
  std::string sha256;  ///< Of the model as a JSON file.
  /// The largest duality gap of its rows, of the objective; none: it came without a certificate.
  std::optional<double> relative_gap{};
};

/// Safe from any thread.
class ModelMetrics {
 public:
  /// This one is served from now on.
  void Set(ModelFacts facts);

  void Write(Exposition& exposition) const;

 private:
  mutable std::mutex mutex_;  // guards both
  ModelFacts facts_;
  double since_ = 0;  // seconds since 1970
};

}  // namespace iris
