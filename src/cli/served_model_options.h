// SPDX-License-Identifier: Apache-2.0
//
// Which model serve offers, and under what name.

#pragma once

#include <string>

#include "src/base/error.h"
#include "src/inference/served_model.h"

namespace iris {

class CommandDefinition;

/// Empty: not given.
struct ServedModelOptions {
  std::string file;
  std::string name;
};

/// Declares --model and --model-name. Lifetime: as AddOption.
void AddServedModelOptions(CommandDefinition& app, ServedModelOptions& target);

/// The model in the file, or the one trained on the embedded Iris. Its name is the one given, else the file's without
/// folder and extension, else "iris". Errors: as LoadModel; kConfiguration when a file's name cannot be a model's.
Result<ServedModel> LoadServedModel(const ServedModelOptions& options);

}  // namespace iris
