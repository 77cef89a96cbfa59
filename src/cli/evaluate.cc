// SPDX-License-Identifier: Apache-2.0
//
// evaluate: how well a model does on a labelled table, or how well training does on samples that it has not seen.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/data_options.h"
#include "src/cli/evaluation_report.h"
#include "src/cli/exit_code.h"
#include "src/cli/interruption.h"
#include "src/cli/model_report.h"
#include "src/cli/options.h"
#include "src/cli/settings.h"
#include "src/cli/progress.h"
#include "src/cli/text_table.h"
#include "src/cli/train_options.h"
#include "src/model_file/model_file.h"
#include "src/svm/evaluation.h"

namespace iris {
namespace {

constexpr std::uint64_t kUsualFolds = 5;

struct EvaluateOptions {
  DataOptions data;
  std::string model_file;
  TrainingOptions training;
  CrossValidationOptions folds;
  bool json = false;
};

/// The options that a finished model leaves no room for.
std::optional<std::string> FirstTrainingFlag(const CommandDefinition& app) {
  constexpr const char* kFoldNames[] = {"--folds", "--seed"};
  const std::optional<std::string> fold_option = FirstGivenFlag(app, kFoldNames);
  return fold_option ? fold_option : FirstGivenFlag(app, TrainingOptionNames());
}

Result<void> Settle(const CommandDefinition& app, EvaluateOptions& options) {
  if (Result<void> settled = SettleTrainingOptions(app, options.training); !settled) return settled;
  if (Result<void> checked = CheckTableOptions(app, options.data.path, "--data"); !checked) return checked;
  if (const std::optional<std::string> given = FirstTrainingFlag(app)) {
    if (app.Get("--model")->source == ValueSource::kFlag) {
      return Fail(ErrorCode::kInvalidArgument, "--model is trained already: leave out " + *given + ", or --model");
    }
    options.model_file.clear();  // from the environment: the flag wins
  }
  if (!options.model_file.empty()) return {};
  if (options.folds.folds == 0) options.folds.folds = kUsualFolds;
  return CheckSingleCost(app, options.training, "evaluate one at a time, or choose with 'iris-predictor train'");
}

ExitCode EvaluateModel(const EvaluateOptions& options) {
  const Result<Model> model = LoadModel(options.model_file);
  if (!model) return Report(model.error());
  Progress progress;
  const Result<Dataset> dataset = LoadDataFor(*model, options.data, progress);
  progress.Erase();
  if (!dataset) return Report(dataset.error());
  const Evaluation evaluation = Evaluate(*model, *dataset);
  return PrintResult(options.json ? JsonText(EvaluationJson(evaluation, model->class_names))
                                  : EvaluationText(evaluation, model->class_names));
}

ExitCode EvaluateTraining(const EvaluateOptions& options) {
  Progress progress;
  const Result<Dataset> dataset = LoadData(options.data, progress);
  if (!dataset) return progress.Erase(), Report(dataset.error());
  const Result<void> known = CheckClassWeights(options.training, *dataset);
  if (!known) return progress.Erase(), Report(known.error());
  const Result<std::vector<CrossValidation>> validations =
      ShownCrossValidation(*dataset, options.training, options.folds, progress);
  progress.Erase();
  if (!validations) return Report(validations.error());
  const CrossValidation& validation = validations->front();
  if (options.json) {
    nlohmann::ordered_json json = EvaluationJson(validation.evaluation, dataset->class_names);
    nlohmann::ordered_json folds = {{"folds", options.folds.folds}, {"seed", options.folds.seed}};
    folds.update(CrossValidationJson(validation));
    json["cross_validation"] = std::move(folds);
    return PrintResult(JsonText(json));
  }
  return PrintResult(std::to_string(options.folds.folds) + "-fold cross-validation, seed " +
                     std::to_string(options.folds.seed) + ", cost " + Short(validation.cost) + "\n" +
                     FoldsText(validation) + "\n" + EvaluationText(validation.evaluation, dataset->class_names));
}

}  // namespace

std::function<ExitCode()> DefineEvaluate(CommandDefinition& app) {
  const auto options = std::make_shared<EvaluateOptions>();
  AddDataOptions(app, options->data);
  AddText(app, "--model", "FILE", "evaluate this model, JSON or LIBLINEAR's text", options->model_file);
  AddCrossValidationOptions(app,
                            "without a model: train K times, each time leaving out another part of the samples, and "
                            "test on that part",
                            options->folds);
  AddTrainingOptions(app, options->training);
  AddConfigOption(app);
  AddFlag(app, "--json", "print JSON, every number exact", options->json);
  app.set_footer(
      "Precision, recall and F1 are per class; a ratio with nothing below the line counts as 0 and is noted. Without "
      "--model and --folds there are 5 folds.");
  return [&app, options] {
    EndOnSignals();
    const Result<void> settled = Settle(app, *options);
    if (!settled) return Report(settled.error());
    return options->model_file.empty() ? EvaluateTraining(*options) : EvaluateModel(*options);
  };
}

}  // namespace iris
