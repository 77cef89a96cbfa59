// SPDX-License-Identifier: Apache-2.0

#include "src/svm/selection.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>
#include <utility>

#include "src/base/number.h"
#include "src/svm/folds.h"
#include "src/svm/predictor.h"

namespace iris {
namespace {

/// The mean accuracy times a number that is the same for all candidates of the same folds, as an integer: there are
/// folds of n and of n + 1 samples, so accuracies are multiples of 1 / (n (n + 1)). Fits, since n + 1 times all samples
/// does for any table in memory.
std::uint64_t ExactScore(const CrossValidation& candidate) {
  const std::uint64_t n = std::ranges::min(candidate.samples);
  std::uint64_t score = 0;
  for (std::size_t f = 0; f < candidate.samples.size(); ++f) {
    score += candidate.correct[f] * (candidate.samples[f] == n ? n + 1 : n);
  }
  return score;
}

/// The predictions for one fold, put where its samples stand in the table.
void Scatter(std::span<const std::int32_t> predictions, std::span<const std::uint32_t> fold_of, std::uint32_t fold,
             std::span<std::int32_t> all) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < fold_of.size(); ++i) {
    if (fold_of[i] == fold) all[i] = predictions[next++];
  }
}

}  // namespace

double CrossValidation::accuracy(std::size_t fold) const {
  return static_cast<double>(correct[fold]) / static_cast<double>(samples[fold]);
}

double CrossValidation::mean_accuracy() const {
  double sum = 0.0;
  for (std::size_t f = 0; f < samples.size(); ++f) sum += accuracy(f);
  return sum / static_cast<double>(samples.size());
}

double CrossValidation::standard_deviation() const {
  const double mean = mean_accuracy();
  double sum = 0.0;
  for (std::size_t f = 0; f < samples.size(); ++f) sum += (accuracy(f) - mean) * (accuracy(f) - mean);
  return std::sqrt(sum / static_cast<double>(samples.size()));
}

Result<std::vector<CrossValidation>> CrossValidate(const Dataset& dataset, const FoldOptions& fold_options,
                                                   const TrainOptions& options, std::span<const double> costs,
                                                   const TrainRun& run,
                                                   const std::function<void(const CrossValidationStep&)>& on_step) {
  const Result<std::vector<std::uint32_t>> fold_of = StratifiedFolds(dataset, fold_options.folds, fold_options.seed);
  if (!fold_of) return std::unexpected(fold_of.error());
  std::vector<CrossValidation> candidates(costs.size());
  std::vector<std::vector<std::int32_t>> predictions(costs.size(), std::vector<std::int32_t>(dataset.samples()));
  for (std::uint32_t fold = 0; fold < fold_options.folds; ++fold) {
    const Dataset training = TakePart(dataset, *fold_of, fold, FoldPart::kTraining);
    const Dataset testing = TakePart(dataset, *fold_of, fold, FoldPart::kTesting);
    for (std::size_t k = 0; k < costs.size(); ++k) {
      if (on_step) on_step({.fold = fold, .folds = fold_options.folds, .cost = costs[k]});
      TrainOptions each = options;
      each.cost = costs[k];
      const Result<Model> model = Train(training, each, run);
      if (!model) {
        return Fail(model.error().code, "cost " + FormatDouble(costs[k]) + ", fold " + std::to_string(fold + 1) +
                                            " of " + std::to_string(fold_options.folds) + ": " +
                                            model.error().message);
      }
      const std::vector<std::int32_t> predicted = PredictAll(*model, testing.features);
      Scatter(predicted, *fold_of, fold, predictions[k]);
      candidates[k].samples.push_back(testing.samples());
      candidates[k].correct.push_back(Compare(testing.labels, predicted, dataset.class_names.size()).correct);
    }
  }
  for (std::size_t k = 0; k < costs.size(); ++k) {
    candidates[k].cost = costs[k];
    candidates[k].evaluation = Compare(dataset.labels, predictions[k], dataset.class_names.size());
  }
  return candidates;
}

std::size_t BestCost(std::span<const CrossValidation> candidates) {
  assert(!candidates.empty());
  std::size_t best = 0;
  for (std::size_t k = 1; k < candidates.size(); ++k) {
    const std::uint64_t score = ExactScore(candidates[k]);
    const std::uint64_t highest = ExactScore(candidates[best]);
    if (score > highest || (score == highest && candidates[k].cost < candidates[best].cost)) best = k;
  }
  return best;
}

}  // namespace iris
