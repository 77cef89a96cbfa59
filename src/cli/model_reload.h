// SPDX-License-Identifier: Apache-2.0
//
// The model of serve --model as something that is read again, at SIGHUP.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "src/cli/reload.h"
#include "src/cli/served_model_options.h"
#include "src/svm/model.h"
#include "src/system/confinement.h"

namespace iris {

class ModelReload final : public Reloadable {
 public:
  /// `current` is what the file held at the start; `use` puts another in its place. Requires: `options` name a file.
  /// `confinement`, which outlives this, knows whether the file may be read; null: nothing hinders.
  ModelReload(ServedModelOptions options, std::shared_ptr<const Model> current, std::function<void(ServedModel)> use,
              ReloadOutcome outcome = {}, const Confinement* confinement = nullptr);

  /// A file that is no model, or not there, leaves the one in use where it is; so does one that holds the same. Only a
  /// regular file is read: a pipe might never end, and signals wait meanwhile.
  bool Reload() override;

  /// Never by itself: a model is replaced when somebody decides to.
  std::optional<std::chrono::milliseconds> Look() override { return std::nullopt; }

 private:
  Result<ServedModel> Read() const;

  const ServedModelOptions options_;
  std::shared_ptr<const Model> current_;
  const std::function<void(ServedModel)> use_;
  const ReloadOutcome outcome_;
  const Confinement* const confinement_;
};

}  // namespace iris
