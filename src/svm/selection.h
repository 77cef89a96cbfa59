// SPDX-License-Identifier: Apache-2.0
//
// Cross-validation: how well training with given options does on samples that it has not seen, and which cost does
// best.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "src/base/error.h"
#include "src/dataset/dataset.h"
#include "src/svm/evaluation.h"
#include "src/svm/model.h"
#include "src/svm/trainer.h"

namespace iris {

/// How the table is divided.
struct FoldOptions {
  std::size_t folds = 5;   ///< 2 or more.
  std::uint64_t seed = 0;  ///< See folds.h.
};

/// Outcome of training with one cost on all folds but one, and testing on that one, each in turn.
struct CrossValidation {
  double cost = 1.0;
  Evaluation evaluation;              ///< Every sample once, predicted by the model that has not seen it.
  std::vector<std::size_t> correct;   ///< Shape: folds. Right in each fold.
  std::vector<std::size_t> samples;   ///< Shape: folds. Their sizes, which differ by one at most.

  double accuracy(std::size_t fold) const;
  /// Of the folds' accuracies: the mean, and the standard deviation (of these very folds: divided by their number).
  double mean_accuracy() const;
  double standard_deviation() const;
};

/// Which training comes next.
struct CrossValidationStep {
  std::size_t fold;   ///< From 0.
  std::size_t folds;
  double cost;
};

/// Cross-validates every cost on the same folds, fold after fold and in each cost after cost; `options.cost` plays no
/// part. `on_step`, where there is one, is called before every training, in this thread. Result: in the order of
/// `costs`. Deterministic for any number of threads.
/// Memory: the table, and a copy of it all together for the parts of a fold. Time: folds × costs trainings.
/// Errors: those of StratifiedFolds, and of Train with cost and fold in front.
Result<std::vector<CrossValidation>> CrossValidate(const Dataset& dataset, const FoldOptions& fold_options,
                                                   const TrainOptions& options, std::span<const double> costs,
                                                   const TrainRun& run,
                                                   const std::function<void(const CrossValidationStep&)>& on_step);

/// The index of the cost with the highest mean accuracy; of equals (compared exactly, not after rounding) the smaller
/// cost. Requires: one or more, of the same folds.
std::size_t BestCost(std::span<const CrossValidation> candidates);

}  // namespace iris
