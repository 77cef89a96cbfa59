// SPDX-License-Identifier: Apache-2.0
//
// What is served, and what an answer may cost.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "src/inference/prediction_tally.h"
#include "src/svm/model.h"

namespace iris {

/// A model under the name that requests call it by. Copies share the model; safe to share const between threads.
struct ServedModel {
  std::string name;                    ///< "iris", unless the server was told another.
  std::string version;                 ///< Not empty: an empty version in a request stands for any.
  std::shared_ptr<const Model> model;  ///< Not null.
  std::shared_ptr<PredictionTally> tally = nullptr;  ///< Counts its predictions; null: nobody does.
};

/// Learns which model is served, first and whenever another takes its place.
class ModelObserver {
 public:
  virtual ~ModelObserver() = default;

  /// Before the first answer of this model. Returns what counts its predictions, or null.
  virtual std::shared_ptr<PredictionTally> Serve(const ServedModel& model) = 0;
};

/// What bounds the answer to one request.
struct AnswerLimits {
  std::size_t reply_bytes = std::size_t{4} << 20;  ///< A serialised reply may take this many; gRPC's usual limit.
  std::function<bool()> abandoned = nullptr;       ///< Cheap: whether nobody waits any more. Empty: somebody does.
};

}  // namespace iris
