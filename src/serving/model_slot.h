// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "src/inference/served_model.h"

namespace iris {

/// The model that is served. A call takes it once and keeps it, a stream does so for each message, so that no answer
/// mixes two; the last who has it destroys it. Safe from any thread.
class ModelSlot {
 public:
  explicit ModelSlot(ServedModel model) : model_(std::make_shared<const ServedModel>(std::move(model))) {}

  std::shared_ptr<const ServedModel> Get() const {
    const std::lock_guard lock(mutex_);
    return model_;
  }

  /// For calls that take it from now on.
  void Set(ServedModel model) {
    auto next = std::make_shared<const ServedModel>(std::move(model));
    const std::lock_guard lock(mutex_);
    model_.swap(next);
  }  // the old one goes outside the lock: it may be large

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const ServedModel> model_;
};

}  // namespace iris
