// SPDX-License-Identifier: Apache-2.0

#include "src/cli/evaluation_report.h"

#include <algorithm>
#include <cstdio>
#include <tuple>

#include "src/base/number.h"
#include "src/cli/text_table.h"

namespace iris {
namespace {

constexpr std::size_t kWidestMatrix = 20;  // classes; also how many mistakes are listed of more

std::string Fixed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return text;
}

std::vector<std::string> ScoresRow(const std::string& name, const Scores& scores, std::size_t support) {
  return {name, Fixed(scores.precision), Fixed(scores.recall), Fixed(scores.f1), std::to_string(support)};
}

std::string ScoresText(const Evaluation& evaluation, const std::vector<std::string>& names) {
  TextTable table = {{"class", "precision", "recall", "f1", "support"}};
  for (std::size_t c = 0; c < names.size(); ++c) {
    table.push_back(ScoresRow(names[c], evaluation.scores(c), evaluation.support(c)));
  }
  table.push_back(ScoresRow("(macro average)", evaluation.macro_average(), evaluation.samples));
  table.push_back(ScoresRow("(weighted average)", evaluation.weighted_average(), evaluation.samples));
  return Aligned(table);
}

std::string MatrixText(const Evaluation& evaluation, const std::vector<std::string>& names) {
  TextTable table = {{"true \\ predicted"}};
  table[0].insert(table[0].end(), names.begin(), names.end());
  for (std::size_t t = 0; t < names.size(); ++t) {
    table.push_back({names[t]});
    for (std::size_t p = 0; p < names.size(); ++p) {
      table.back().push_back(std::to_string(evaluation.confusion[t * names.size() + p]));
    }
  }
  return Aligned(table);
}

/// What a matrix too wide for a terminal has to say.
std::string MistakesText(const Evaluation& evaluation, const std::vector<std::string>& names) {
  std::vector<std::tuple<std::size_t, std::size_t, std::size_t>> mistakes;  // samples, true, predicted
  for (std::size_t t = 0; t < names.size(); ++t) {
    for (std::size_t p = 0; p < names.size(); ++p) {
      const std::size_t count = evaluation.confusion[t * names.size() + p];
      if (t != p && count > 0) mistakes.emplace_back(count, t, p);
    }
  }
  if (mistakes.empty()) return "no mistakes\n";
  std::ranges::sort(mistakes, [](const auto& a, const auto& b) {
    const auto& [count_a, true_a, predicted_a] = a;
    const auto& [count_b, true_b, predicted_b] = b;
    return std::tuple(count_b, true_a, predicted_a) < std::tuple(count_a, true_b, predicted_b);
  });
  const std::size_t all = mistakes.size();
  mistakes.resize(std::min(all, kWidestMatrix));
  TextTable table = {{"true", "predicted", "samples"}};
  for (const auto& [count, t, p] : mistakes) table.push_back({names[t], names[p], std::to_string(count)});
  return Aligned(table) + "the " + std::to_string(mistakes.size()) + " commonest of " + std::to_string(all) +
         " kinds of mistakes; --json shows all\n";
}

/// Scores with nothing below the line.
std::string Notes(const Evaluation& evaluation, const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t c = 0; c < names.size(); ++c) {
    const bool there = evaluation.support(c) > 0, predicted = evaluation.predicted(c) > 0;
    if (there && predicted) continue;
    out += "note: " + names[c] + " ";
    if (!there && !predicted) {
      out += "is not in the data and was never predicted: it is left out of the macro average\n";
    } else {
      out += there ? "was never predicted: its precision counts as 0\n"
                   : "is not in the data: its recall counts as 0\n";
    }
  }
  return out.empty() ? out : "\n" + out;
}

nlohmann::ordered_json ScoresJson(const Scores& scores) {
  return {{"precision", scores.precision}, {"recall", scores.recall}, {"f1", scores.f1}};
}

}  // namespace

std::string EvaluationText(const Evaluation& evaluation, const std::vector<std::string>& class_names) {
  return std::to_string(evaluation.correct) + " of " + Counted(evaluation.samples, "sample") + " right (" +
         Percent(evaluation.accuracy()) + ")\n\n" + ScoresText(evaluation, class_names) + "\n" +
         (class_names.size() <= kWidestMatrix ? MatrixText(evaluation, class_names)
                                              : MistakesText(evaluation, class_names)) +
         Notes(evaluation, class_names);
}

nlohmann::ordered_json EvaluationJson(const Evaluation& evaluation, const std::vector<std::string>& class_names) {
  nlohmann::ordered_json json;
  json["samples"] = evaluation.samples;
  json["correct"] = evaluation.correct;
  json["accuracy"] = evaluation.accuracy();
  json["classes"] = nlohmann::ordered_json::array();
  json["macro_average"] = ScoresJson(evaluation.macro_average());
  json["weighted_average"] = ScoresJson(evaluation.weighted_average());
  json["confusion_matrix"] = nlohmann::ordered_json::array();
  const std::size_t classes = class_names.size();
  for (std::size_t c = 0; c < classes; ++c) {
    nlohmann::ordered_json each = {{"class", class_names[c]}};
    each.update(ScoresJson(evaluation.scores(c)));
    each["support"] = evaluation.support(c);
    each["predicted"] = evaluation.predicted(c);
    json["classes"].push_back(std::move(each));
    const auto row = evaluation.confusion.begin() + static_cast<std::ptrdiff_t>(c * classes);
    json["confusion_matrix"].push_back(std::vector<std::size_t>(row, row + static_cast<std::ptrdiff_t>(classes)));
  }
  return json;
}

std::string FoldsText(const CrossValidation& validation) {
  std::string out = "accuracy in the folds: ";
  for (std::size_t f = 0; f < validation.samples.size(); ++f) {
    out += (f == 0 ? "" : ", ") + Percent(validation.accuracy(f));
  }
  return out + "\nmean " + Percent(validation.mean_accuracy()) + ", standard deviation " +
         Percent(validation.standard_deviation()) + "\n";
}

nlohmann::ordered_json CrossValidationJson(const CrossValidation& validation) {
  nlohmann::ordered_json json = {{"cost", validation.cost},
                                 {"mean_accuracy", validation.mean_accuracy()},
                                 {"standard_deviation", validation.standard_deviation()},
                                 {"fold_accuracies", nlohmann::ordered_json::array()}};
  for (std::size_t f = 0; f < validation.samples.size(); ++f) {
    json["fold_accuracies"].push_back(validation.accuracy(f));
  }
  return json;
}

std::string CostsText(std::span<const CrossValidation> candidates, std::size_t chosen,
                      const CrossValidationOptions& folds) {
  TextTable table = {{"cost", "mean accuracy", "standard deviation"}};
  for (std::size_t k = 0; k < candidates.size(); ++k) {
    const CrossValidation& each = candidates[k];
    table.push_back({FormatDouble(each.cost), Percent(each.mean_accuracy()), Percent(each.standard_deviation())});
    if (k == chosen) table.back().emplace_back("chosen");
  }
  return std::to_string(folds.folds) + " folds, seed " + std::to_string(folds.seed) + "\n" + Aligned(table);
}

}  // namespace iris
