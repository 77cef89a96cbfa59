// SPDX-License-Identifier: Apache-2.0
//
// train: a table in, a model out, with its certificate.

#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/exit_code.h"
#include "src/cli/model_report.h"
#include "src/cli/options.h"
#include "src/dataset/csv.h"
#include "src/dataset/iris.h"
#include "src/model_file/json_model.h"
#include "src/svm/evaluation.h"
#include "src/svm/trainer.h"
#include "src/system/signals.h"

namespace iris {
namespace {

struct TrainCommandOptions {
  std::string data;
  std::string out;
  std::string loss = "squared_hinge";
  TrainOptions train;
  bool json = false;
};

Result<Dataset> LoadDataset(const std::string& path) {
  if (path.empty()) return LoadIris();
  const Result<std::string> text = ReadInput(path, kMaxInputBytes);
  if (!text) return std::unexpected(text.error());
  return ParseLabelledCsv(*text, InputName(path));
}

std::string Percent(double fraction) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", fraction * 100);
  return text;
}

ExitCode RunTrain(const TrainCommandOptions& options) {
  RestoreDefaultSignals();
  const Result<Dataset> dataset = LoadDataset(options.data);
  if (!dataset) return Report(dataset.error());
  const Result<Model> model = Train(*dataset, options.train);
  if (!model) return Report(model.error());
  if (!options.out.empty()) {
    const Result<void> saved = SaveModel(*model, options.out);
    if (!saved) return Report(saved.error());
  }

  const Evaluation evaluation = Evaluate(*model, *dataset);
  if (options.json) {
    nlohmann::ordered_json json = ModelJson(*model);
    json["samples"] = evaluation.samples;
    json["correct"] = evaluation.correct;
    json["accuracy"] = evaluation.accuracy();
    return PrintResult(JsonText(json));
  }
  return PrintResult(ModelText(*model) + "\n" + std::to_string(evaluation.correct) + " of " +
                     std::to_string(evaluation.samples) + " training samples right (" +
                     Percent(evaluation.accuracy()) + ")\n" +
                     (options.out.empty() ? "" : "saved to " + options.out + "\n"));
}

}  // namespace

std::function<ExitCode()> DefineTrain(CLI::App& app) {
  const auto options = std::make_shared<TrainCommandOptions>();
  AddText(app, "--data", "FILE", "labelled CSV, the label in the last column; '-' for standard input (at most 1 GiB)",
          options->data)
      ->default_str("the embedded Iris");
  AddText(app, "--out", "FILE", "save the model here (JSON), replacing the file atomically", options->out);
  AddPositiveNumber(app, "--cost", "C", "weight of the losses against the penalty", options->train.cost)
      ->default_str("1");
  AddChoice(app, "--loss", {"squared_hinge"}, "the loss that is minimised", options->loss)
      ->default_str("squared_hinge");
  AddFlag(app, "--json", "print JSON, every number exact", options->json);
  return [options] { return RunTrain(*options); };
}

}  // namespace iris
