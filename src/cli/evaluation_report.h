// SPDX-License-Identifier: Apache-2.0
//
// Evaluations and cross-validations as people and programs read them on standard output; shared by evaluate and train.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "src/cli/train_options.h"
#include "src/svm/evaluation.h"
#include "src/svm/selection.h"

namespace iris {

/// "145 of 150 samples right (96.67 %)", the scores of each class and their averages, the confusion matrix (of many
/// classes only the commonest mistakes), and a note where a score had to be made up.
std::string EvaluationText(const Evaluation& evaluation, const std::vector<std::string>& class_names);

/// samples, correct, accuracy, classes (an object each), macro_average, weighted_average, confusion_matrix (a row for
/// each true class).
nlohmann::ordered_json EvaluationJson(const Evaluation& evaluation, const std::vector<std::string>& class_names);

/// The accuracies of the folds, in a line.
std::string FoldsText(const CrossValidation& validation);

/// cost, mean_accuracy, standard_deviation, fold_accuracies.
nlohmann::ordered_json CrossValidationJson(const CrossValidation& validation);

/// A table of the costs that were tried, and which was chosen.
std::string CostsText(std::span<const CrossValidation> candidates, std::size_t chosen,
                      const CrossValidationOptions& folds);

}  // namespace iris
