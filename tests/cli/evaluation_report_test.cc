// SPDX-License-Identifier: Apache-2.0

#include "src/cli/evaluation_report.h"

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("an evaluation as text", "[evaluation_report]") {
  const Evaluation evaluation =
      Compare(std::vector<std::int32_t>{0, 0, 0, 1, 1, 2, 2, 2}, std::vector<std::int32_t>{0, 1, 0, 1, 1, 1, 2, 1}, 3);
  CHECK(EvaluationText(evaluation, {"small", "medium", "large"}) ==
        "5 of 8 samples right (62.50 %)\n"
        "\n"
        "class               precision  recall      f1  support\n"
        "small                  1.0000  0.6667  0.8000        3\n"
        "medium                 0.4000  1.0000  0.5714        2\n"
        "large                  1.0000  0.3333  0.5000        3\n"
        "(macro average)        0.8000  0.6667  0.6238        8\n"
        "(weighted average)     0.8500  0.6250  0.6304        8\n"
        "\n"
        "true \\ predicted  small  medium  large\n"
        "small                 2       1      0\n"
        "medium                0       2      0\n"
        "large                 0       2      1\n");
}

TEST_CASE("scores that had to be made up are noted", "[evaluation_report]") {
  const std::string text = EvaluationText(Compare(std::vector<std::int32_t>{0, 1}, std::vector<std::int32_t>{0, 2}, 4),
                                          {"a", "b", "c", "d"});
  CHECK(text.ends_with("\nnote: b was never predicted: its precision counts as 0\n"
                       "note: c is not in the data: its recall counts as 0\n"
                       "note: d is not in the data and was never predicted: it is left out of the macro average\n"));
}

TEST_CASE("of many classes the commonest mistakes are shown", "[evaluation_report]") {
  std::vector<std::int32_t> labels, predictions;
  std::vector<std::string> names;
  for (std::int32_t c = 0; c < 30; ++c) {
    names.push_back("n" + std::to_string(c));
    for (std::int32_t k = 0; k <= c; ++k) {
      labels.push_back(c);
      predictions.push_back(c == 29 ? 28 : (k == 0 ? (c + 1) % 30 : c));
    }
  }
  const std::string text = EvaluationText(Compare(labels, predictions, 30), names);
  CHECK_THAT(text, ContainsSubstring("true  predicted  samples\n"
                                     "n29         n28       30\n"
                                     "n0           n1        1\n"
                                     "n1           n2        1\n"));
  CHECK_THAT(text, ContainsSubstring("the 20 commonest of 30 kinds of mistakes; --json shows all\n"));
  CHECK_THAT(EvaluationText(Compare(labels, labels, 30), names), ContainsSubstring("\nno mistakes\n"));
}

TEST_CASE("an evaluation as JSON has its keys in order", "[evaluation_report]") {
  const Evaluation evaluation = Compare(std::vector<std::int32_t>{0, 1, 1}, std::vector<std::int32_t>{0, 0, 1}, 2);
  const nlohmann::ordered_json json = EvaluationJson(evaluation, {"a", "b"});
  std::string keys;
  for (const auto& item : json.items()) keys += item.key() + " ";
  CHECK(keys == "samples correct accuracy classes macro_average weighted_average confusion_matrix ");
  CHECK(json["confusion_matrix"].dump() == "[[1,0],[1,1]]");
  CHECK(json["classes"][1].dump() ==
        R"({"class":"b","precision":1.0,"recall":0.5,"f1":0.6666666666666666,"support":2,"predicted":1})");
  CHECK(json["accuracy"].get<double>() == 2.0 / 3);
}

TEST_CASE("the choice of a cost as text", "[evaluation_report]") {
  CrossValidation small, large;
  small.cost = 0.1;
  small.samples = large.samples = {4, 4};
  small.correct = {3, 4};
  large.cost = 10;
  large.correct = {4, 4};
  const std::vector<CrossValidation> both = {small, large};
  CHECK(CostsText(both, 1, {.folds = 2, .seed = 7}) ==
        "2 folds, seed 7\n"
        "cost  mean accuracy  standard deviation\n"
        "0.1         87.50 %             12.50 %\n"
        "10         100.00 %              0.00 %  chosen\n");
  CHECK(FoldsText(small) == "accuracy in the folds: 75.00 %, 100.00 %\nmean 87.50 %, standard deviation 12.50 %\n");
  CHECK(CrossValidationJson(small).dump() ==
        R"({"cost":0.1,"mean_accuracy":0.875,"standard_deviation":0.125,"fold_accuracies":[0.75,1.0]})");
}

}  // namespace
}  // namespace iris
