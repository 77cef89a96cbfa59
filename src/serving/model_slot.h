// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "src/inference/served_model.h"

namespace iris {

/// The model that is served. A call takes it once and keeps it, so that no answer mixes two. Safe from any thread.
class ModelSlot {
 public:
  explicit ModelSlot(ServedModel model) : model_(std::make_shared<const ServedModel>(std::move(model))) {}

  std::shared_ptr<const ServedModel> Get() const {
    const std::lock_guard lock(mutex_);
    return model_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const ServedModel> model_;
};

}  // namespace iris
