// SPDX-License-Identifier: Apache-2.0
//
// train: a table in, a model out, with its certificate.

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/base/text.h"
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
#include "src/model_file/json_model.h"
#include "src/model_file/model_file.h"
#include "src/svm/evaluation.h"
#include "src/svm/selection.h"
#include "src/svm/trainer.h"

namespace iris {
namespace {

constexpr const char* kStandardOutput = "-";

struct TrainCommandOptions {
  DataOptions data;
  TrainingOptions training;
  CrossValidationOptions folds;
  std::string out;
  bool json = false;
};

/// The model, and how its cost was chosen, if it was.
struct Trained {
  Model model;
  Evaluation evaluation;  ///< On the samples that it was trained with.
  std::vector<CrossValidation> candidates;
  std::size_t chosen = 0;
};

/// Known before an hour of training rather than after it.
Result<void> CheckFolder(const std::string& path) {
  if (path.empty() || path == kStandardOutput) return {};
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return {};
  const int reason = errno;
  if (::access(path.c_str(), W_OK) == 0) return {};  // such as /dev/stdout, which needs no folder to be put into
  return Fail(ErrorCode::kIo, "cannot write " + path + ": " + SystemReason(reason));
}

Result<void> Settle(const CommandDefinition& app, TrainCommandOptions& options) {
  if (Result<void> settled = SettleTrainingOptions(app, options.training); !settled) return settled;
  if (options.json && options.out == kStandardOutput) {
    return Fail(ErrorCode::kInvalidArgument,
                "--out - and --json both write to standard output; leave out one, or name a file with --out");
  }
  if (Result<void> checked = CheckTableOptions(app, options.data.path, "--data"); !checked) return checked;
  if (options.folds.folds != 0) return CheckFolder(options.out);
  if (Result<void> single = CheckSingleCost(app, options.training, "choose among them with --folds K"); !single) {
    return single;
  }
  if (app.Get("--seed")->source == ValueSource::kFlag) {
    return Fail(ErrorCode::kInvalidArgument, "--seed deals samples into folds, but there are none; add --folds K");
  }
  return CheckFolder(options.out);
}

Result<Trained> TrainModel(const TrainCommandOptions& options, Progress& progress) {
  const Result<Dataset> dataset = LoadData(options.data, progress);
  if (!dataset) return std::unexpected(dataset.error());
  if (Result<void> known = CheckClassWeights(options.training, *dataset); !known) {
    return std::unexpected(std::move(known.error()));
  }
  if (!options.out.empty()) {
    const Result<void> fits = CheckModelSize(dataset->feature_names, dataset->class_names.size(), options.out);
    if (!fits) return std::unexpected(fits.error());
  }
  Trained trained;
  TrainOptions train = options.training.train;
  if (options.folds.folds != 0) {
    Result<std::vector<CrossValidation>> candidates =
        ShownCrossValidation(*dataset, options.training, options.folds, progress);
    if (!candidates) return std::unexpected(candidates.error());
    trained.candidates = *std::move(candidates);
    trained.chosen = BestCost(trained.candidates);
    train.cost = trained.candidates[trained.chosen].cost;
  }
  Result<Model> model = Train(*dataset, train, ShownTraining(options.training, *dataset, "", progress));
  if (!model) return std::unexpected(model.error());
  trained.model = *std::move(model);
  trained.evaluation = Evaluate(trained.model, *dataset);
  return trained;
}

std::string TrainedText(const Trained& trained, const TrainCommandOptions& options) {
  std::string out;
  if (!trained.candidates.empty()) out += CostsText(trained.candidates, trained.chosen, options.folds) + "\n";
  out += ModelText(trained.model) + "\n" + std::to_string(trained.evaluation.correct) + " of " +
         std::to_string(trained.evaluation.samples) + " training samples right (" +
         Percent(trained.evaluation.accuracy()) + ")\n";
  return out + (options.out.empty() ? "" : "saved to " + options.out + "\n");
}

nlohmann::ordered_json TrainedJson(const Trained& trained, const TrainCommandOptions& options) {
  nlohmann::ordered_json json = ModelJson(trained.model);
  json["samples"] = trained.evaluation.samples;
  json["correct"] = trained.evaluation.correct;
  json["accuracy"] = trained.evaluation.accuracy();
  if (trained.candidates.empty()) return json;
  nlohmann::ordered_json costs = nlohmann::ordered_json::array();
  for (const CrossValidation& each : trained.candidates) costs.push_back(CrossValidationJson(each));
  json["cost_selection"] = {{"folds", options.folds.folds}, {"seed", options.folds.seed}, {"costs", std::move(costs)}};
  return json;
}

ExitCode RunTrain(const TrainCommandOptions& options) {
  Progress progress;
  const Result<Trained> trained = TrainModel(options, progress);
  progress.Erase();
  if (!trained) return Report(trained.error());
  if (options.out == kStandardOutput) return PrintResult(EncodeModel(trained->model));
  if (!options.out.empty()) {
    const SignalsHeld held(options.out);
    const Result<void> saved = SaveModel(trained->model, options.out);
    if (!saved) return Report(saved.error());
  }
  return PrintResult(options.json ? JsonText(TrainedJson(*trained, options)) : TrainedText(*trained, options));
}

}  // namespace

std::function<ExitCode()> DefineTrain(CommandDefinition& app) {
  const auto options = std::make_shared<TrainCommandOptions>();
  AddDataOptions(app, options->data);
  AddText(app, "--out", "FILE",
          "save the model here (JSON), replacing the file atomically; '-' for standard output, in place of the "
          "report",
          options->out);
  AddTrainingOptions(app, options->training);
  AddCrossValidationOptions(app, "choose the cost by K-fold cross-validation, then train with it on all samples",
                            options->folds);
  AddConfigOption(app);
  AddFlag(app, "--json", "print JSON, every number exact", options->json);
  app.set_footer(
      "Every row of the model is trained to the optimum and certified; where that is not reached, nothing is saved and "
      "the exit code is 1.");
  return [&app, options] {
    EndOnSignals();
    const Result<void> settled = Settle(app, *options);
    return settled ? RunTrain(*options) : Report(settled.error());
  };
}

}  // namespace iris
