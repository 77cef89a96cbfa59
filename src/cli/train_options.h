// SPDX-License-Identifier: Apache-2.0
//
// How a command trains: one group of options, the same in every command that does.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/cli/progress.h"
#include "src/dataset/dataset.h"
#include "src/svm/selection.h"
#include "src/svm/trainer.h"

namespace iris {

class CommandDefinition;

/// What the options fill.
struct TrainingOptions {
  std::vector<double> costs{1.0};  ///< Ascending, all different, one or more.
  TrainOptions train;              ///< Its cost is the first of those.
  bool no_intercept = false;
  std::uint64_t threads = 0;  ///< 0: as many as the machine allows.
  std::string class_weight_option = "--class-weight";  ///< How messages name it.
};

/// Declares --cost, --loss, --penalty, --class-weight, --no-intercept, --intercept-scaling and --threads.
/// Lifetime: as AddOption.
void AddTrainingOptions(CommandDefinition& app, TrainingOptions& target);

/// Their names, for those who must refuse them.
std::span<const char* const> TrainingOptionNames();

/// Puts together what depends on several of them. Errors: kInvalidArgument for options that do not go together.
Result<void> SettleTrainingOptions(const CommandDefinition& app, TrainingOptions& options);

/// Whether the classes that have weights are classes of the table. Errors: those of ClassWeights, naming the option.
Result<void> CheckClassWeights(const TrainingOptions& options, const Dataset& dataset);

/// Errors: when there are several costs; the message ends with `remedy`.
Result<void> CheckSingleCost(const CommandDefinition& app, const TrainingOptions& options, const std::string& remedy);

/// What --folds and --seed fill.
struct CrossValidationOptions {
  std::uint64_t folds = 0;  ///< 0: not given.
  std::uint64_t seed = 0;
};

/// Declares --folds and --seed.
void AddCrossValidationOptions(CommandDefinition& app, const std::string& folds_description,
                               CrossValidationOptions& target);

/// How to run the trainer: threads, the program's name, and progress on the terminal, each line of it behind what
/// `context` holds at that moment ("cost 1, fold 2 of 5: "). Borrows all but the options.
TrainRun ShownTraining(const TrainingOptions& options, const Dataset& dataset, const std::string& context,
                       Progress& progress);

/// Cross-validates the costs, showing how far that has come. Errors: those of CrossValidate.
Result<std::vector<CrossValidation>> ShownCrossValidation(const Dataset& dataset, const TrainingOptions& options,
                                                          const CrossValidationOptions& folds, Progress& progress);

}  // namespace iris
