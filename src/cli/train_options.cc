// SPDX-License-Identifier: Apache-2.0

#include "src/cli/train_options.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "src/base/number.h"
#include "src/cli/options.h"
#include "src/cli/text_table.h"
#include "src/svm/class_costs.h"

namespace iris {
namespace {

constexpr const char* kNames[] = {"--cost",         "--loss",    "--penalty", "--class-weight", "--no-intercept",
                                  "--intercept-scaling", "--threads"};
constexpr std::uint64_t kMaxThreads = 1024;
constexpr std::uint64_t kMaxFolds = 1000;

std::unexpected<Error> Refuse(const std::string& found, const std::string& expected) {
  return Fail(ErrorCode::kInvalidArgument, "found '" + found + "', expected " + expected);
}

std::optional<double> PositiveNumber(std::string_view text) {
  const std::optional<double> number = ParseDouble(text);
  return number && std::isfinite(*number) && *number > 0 ? number : std::nullopt;
}

/// "0.1,1,10" → 0.1, 1, 10.
Result<void> TakeCosts(const std::string& text, std::vector<double>& target) {
  std::vector<double> costs;
  const std::vector<std::string> parts = SplitAtCommas(text);
  const auto commas = static_cast<std::size_t>(std::ranges::count(text, ','));
  if (!parts.empty() && parts.size() != commas + 1) {
    return Refuse(text, "a number greater than 0 on each side of a comma");
  }
  for (const std::string& part : parts) {
    const std::optional<double> cost = PositiveNumber(part);
    if (!cost) return Refuse(part, "a number greater than 0");
    costs.push_back(*cost);
  }
  if (costs.empty()) return Refuse(text, "a number greater than 0");
  std::ranges::sort(costs);
  costs.erase(std::ranges::unique(costs).begin(), costs.end());
  target = std::move(costs);
  return {};
}

/// "balanced", or "NAME=W,NAME=W". A comma only ends a weight where NAME=NUMBER stands before it, so that names may
/// hold commas, and the last '=' counts, so that they may hold that too.
Result<void> TakeClassWeights(const std::string& text, TrainOptions& target) {
  std::map<std::string, double> weights;
  const bool balanced = text == "balanced";
  std::size_t begin = 0;
  for (std::size_t end = 0; !balanced && begin <= text.size(); ++end) {
    end = std::min(text.find(',', end), text.size());
    const std::string part = text.substr(begin, end - begin);
    const std::size_t equals = part.rfind('=');
    const bool pair = equals != std::string::npos && equals > 0;
    const std::optional<double> weight =
        pair ? PositiveNumber(std::string_view(part).substr(equals + 1)) : std::nullopt;
    if (!weight) {
      if (end < text.size()) continue;
      return Refuse(part, "balanced, or NAME=W,NAME=W with weights greater than 0");
    }
    if (!weights.emplace(part.substr(0, equals), *weight).second) {
      return Refuse(text, "each class once; '" + part.substr(0, equals) + "' is there twice");
    }
    begin = end + 1;
  }
  target.balanced = balanced;
  target.class_weights = std::move(weights);
  return {};
}

/// "class 3 of 10 (virginica), step 12, 1.2e-05 of the objective left".
std::string Line(const TrainProgress& at, const std::vector<std::string>& class_names) {
  const std::string& name = class_names[at.rows == 1 ? 1 : at.row];
  std::string line = at.rows == 1 ? name + " against " + class_names[0]
                                  : "class " + std::to_string(at.row + 1) + " of " + std::to_string(at.rows) + " (" +
                                        name + ")";
  line += ", step " + std::to_string(at.step);
  if (std::isfinite(at.left) && at.left > 0) line += ", " + Short(at.left) + " of the objective left";
  return line;
}

}  // namespace

void AddTrainingOptions(CommandDefinition& app, TrainingOptions& target) {
  AddOption(app, "--cost", "C", "weight of the losses against the penalty, greater than 0; several, as in 0.1,1,10, "
                                "are for train --folds",
            [&target](const std::string& text) { return TakeCosts(text, target.costs); })
      ->set_default_text("1");
  AddOption(app, "--loss", "squared_hinge|hinge", "the loss that is minimised",
            [&target](const std::string& text) -> Result<void> {
              if (text != "squared_hinge" && text != "hinge") return Refuse(text, "squared_hinge or hinge");
              target.train.loss = text == "hinge" ? Loss::kHinge : Loss::kSquaredHinge;
              return {};
            })
      ->set_default_text("squared_hinge");
  AddOption(app, "--penalty", "l2|l1", "what keeps the weights small; l1 makes many of them 0",
            [&target](const std::string& text) -> Result<void> {
              if (text != "l2" && text != "l1") return Refuse(text, "l2 or l1");
              target.train.penalty = text == "l1" ? Penalty::kL1 : Penalty::kL2;
              return {};
            })
      ->set_default_text("l2");
  AddOption(app, "--class-weight", "balanced|NAME=W,...",
            "what multiplies the cost for samples of a class: a weight by name, or, balanced, samples / (classes x "
            "samples of the class)",
            [&target](const std::string& text) { return TakeClassWeights(text, target.train); })
      ->set_default_text("1 for every class");
  AddFlag(app, "--no-intercept", "let the decision be 0 where all features are", target.no_intercept);
  AddPositiveNumber(app, "--intercept-scaling", "S",
                    "the constant feature that carries the intercept; the larger, the less the intercept is penalised",
                    target.train.intercept_scaling)
      ->set_default_text("1");
  AddCount(app, "--threads", "N", "threads to train with; the result is the same, bit for bit", 1, kMaxThreads,
           target.threads)
      ->set_default_text("one a processor");
}

std::span<const char* const> TrainingOptionNames() { return kNames; }

Result<void> SettleTrainingOptions(const CommandDefinition& app, TrainingOptions& options) {
  options.train.cost = options.costs.front();
  options.class_weight_option = NameInMessages(*app.Get("--class-weight"));
  options.train.fit_intercept = !options.no_intercept;
  if (options.train.penalty == Penalty::kL1 && options.train.loss == Loss::kHinge) {
    return Fail(ErrorCode::kInvalidArgument,
                "--penalty l1 goes with --loss squared_hinge only; leave out one of --penalty l1 and --loss hinge");
  }
  const bool scaled = app.Get("--intercept-scaling")->source == ValueSource::kFlag;
  if (options.no_intercept && scaled) {
    return Fail(ErrorCode::kInvalidArgument,
                "--intercept-scaling and --no-intercept exclude each other; leave out one");
  }
  if (options.no_intercept) options.train.intercept_scaling = 1.0;
  return {};
}

Result<void> CheckClassWeights(const TrainingOptions& options, const Dataset& dataset) {
  const Result<std::vector<double>> weights = ClassWeights(dataset, options.train);
  if (weights) return {};
  return Fail(weights.error().code, options.class_weight_option + ": " + weights.error().message);
}

Result<void> CheckSingleCost(const CommandDefinition& app, const TrainingOptions& options, const std::string& remedy) {
  if (options.costs.size() == 1) return {};
  const Option* cost = app.Get("--cost");
  const bool from_flag = cost->source == ValueSource::kFlag;
  return Fail(from_flag ? ErrorCode::kInvalidArgument : ErrorCode::kConfiguration,
              NameInMessages(*cost) + ": found " + std::to_string(options.costs.size()) + " costs, expected one; " +
                  remedy);
}

void AddCrossValidationOptions(CommandDefinition& app, const std::string& folds_description,
                               CrossValidationOptions& target) {
  AddCount(app, "--folds", "K", folds_description, 2, kMaxFolds, target.folds);
  AddCount(app, "--seed", "N", "which samples go into which fold; the same everywhere for the same number", 0,
           std::numeric_limits<std::uint64_t>::max(), target.seed)
      ->set_default_text("0");
}

TrainRun ShownTraining(const TrainingOptions& options, const Dataset& dataset, const std::string& context,
                       Progress& progress) {
  TrainRun run{.threads = static_cast<unsigned>(options.threads),
               .on_progress = {},
               .program = "iris-predictor " IRIS_VERSION};
  if (progress.visible()) {
    run.on_progress = [&](const TrainProgress& at) {
      progress.Show("training: " + context + Line(at, dataset.class_names));
    };
  }
  return run;
}

Result<std::vector<CrossValidation>> ShownCrossValidation(const Dataset& dataset, const TrainingOptions& options,
                                                          const CrossValidationOptions& folds, Progress& progress) {
  std::string context;
  const auto on_step = [&context](const CrossValidationStep& step) {
    context = "cost " + Short(step.cost) + ", fold " + std::to_string(step.fold + 1) + " of " +
              std::to_string(step.folds) + ": ";
  };
  return CrossValidate(dataset, {.folds = folds.folds, .seed = folds.seed}, options.train, options.costs,
                       ShownTraining(options, dataset, context, progress), on_step);
}

}  // namespace iris
