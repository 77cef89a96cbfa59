// SPDX-License-Identifier: Apache-2.0
//
// inspect: what a model file holds.

#include <memory>

#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/exit_code.h"
#include "src/cli/model_report.h"
#include "src/cli/options.h"
#include "src/model_file/model_file.h"
#include "src/system/signals.h"

namespace iris {
namespace {

struct InspectOptions {
  std::string model_file;
  bool json = false;
};

ExitCode Inspect(const InspectOptions& options) {
  RestoreDefaultSignals();
  if (options.model_file.empty()) {
    PrintMessage("inspect needs the model file to show, as in 'iris-predictor inspect model.json'");
    return ExitCode::kUsage;
  }
  const Result<Model> model = LoadModel(options.model_file);
  if (!model) return Report(model.error());
  return PrintResult(options.json ? JsonText(ModelJson(*model)) : ModelText(*model));
}

}  // namespace

std::function<ExitCode()> DefineInspect(CommandDefinition& app) {
  const auto options = std::make_shared<InspectOptions>();
  AddArgument(app, "MODEL", "the model file, JSON or LIBLINEAR's text", options->model_file);
  AddFlag(app, "--json", "print JSON, every number exact", options->json);
  return [options] {
    return Inspect(*options);
  };
}

}  // namespace iris
