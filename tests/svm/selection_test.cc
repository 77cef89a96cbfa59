// SPDX-License-Identifier: Apache-2.0

#include "src/svm/selection.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <variant>

#include "catch_amalgamated.hpp"
#include "src/dataset/iris.h"
#include "src/svm/folds.h"
#include "src/svm/predictor.h"

namespace iris {
namespace {

CrossValidation Candidate(double cost, std::vector<std::size_t> correct, std::vector<std::size_t> samples) {
  CrossValidation candidate;
  candidate.cost = cost;
  candidate.correct = std::move(correct);
  candidate.samples = std::move(samples);
  return candidate;
}

TrainRun OnThreads(unsigned threads) {
  TrainRun run;
  run.threads = threads;
  return run;
}

TrainOptions WithCost(double cost) {
  TrainOptions options;
  options.cost = cost;
  return options;
}

TEST_CASE("the highest mean accuracy is best", "[selection]") {
  const std::vector<CrossValidation> candidates = {Candidate(0.1, {9, 8}, {10, 10}), Candidate(1, {10, 9}, {10, 10}),
                                                   Candidate(10, {9, 9}, {10, 10})};
  CHECK(BestCost(candidates) == 1);
  CHECK(candidates[1].mean_accuracy() == 0.95);
  CHECK(candidates[1].accuracy(1) == 0.9);
  CHECK_THAT(candidates[1].standard_deviation(), Catch::Matchers::WithinRel(0.05, 1e-12));
}

TEST_CASE("of equals the smaller cost is best, whatever rounding makes of the means", "[selection]") {
  const std::vector<std::size_t> samples(5, 30);
  const CrossValidation one = Candidate(1, {29, 28, 27, 30, 26}, samples);
  const CrossValidation ten = Candidate(10, {29, 28, 30, 26, 27}, samples);
  REQUIRE(one.mean_accuracy() < ten.mean_accuracy());  // which in exact arithmetic are the same
  CHECK(BestCost(std::vector{one, ten}) == 0);
  CHECK(BestCost(std::vector{ten, one}) == 1);
}

TEST_CASE("folds of different sizes count the same", "[selection]") {
  // 3/4 + 3/3 beats 4/4 + 2/3, although both have six right.
  CHECK(BestCost(std::vector{Candidate(1, {4, 2}, {4, 3}), Candidate(2, {3, 3}, {4, 3})}) == 1);
}

TEST_CASE("cross-validation trains on the rest and tests on the fold", "[selection]") {
  const Dataset iris = LoadIris();
  const FoldOptions folds{.folds = 5, .seed = 3};
  const std::vector<double> costs = {0.01, 1.0};
  std::vector<std::string> steps;
  const auto validations = CrossValidate(iris, folds, TrainOptions{}, costs, OnThreads(1),
                                         [&steps](const CrossValidationStep& step) {
                                           steps.push_back(std::to_string(step.fold) + "/" +
                                                           std::to_string(step.folds) + " " +
                                                           std::to_string(step.cost == 1.0));
                                         });
  REQUIRE(validations);
  CHECK(steps == std::vector<std::string>{"0/5 0", "0/5 1", "1/5 0", "1/5 1", "2/5 0", "2/5 1", "3/5 0", "3/5 1",
                                          "4/5 0", "4/5 1"});
  const auto fold_of = StratifiedFolds(iris, folds.folds, folds.seed);
  REQUIRE(fold_of);
  for (std::size_t k = 0; k < costs.size(); ++k) {
    const CrossValidation& each = (*validations)[k];
    CHECK(each.cost == costs[k]);
    CHECK(each.samples == std::vector<std::size_t>(5, 30));
    CHECK(each.evaluation.samples == 150);
    CHECK(std::accumulate(each.correct.begin(), each.correct.end(), std::size_t{0}) == each.evaluation.correct);
    // By hand, without the functions that it uses: the samples that are wrong are those that the model of the others
    // gets wrong.
    const auto& rows = std::get<DenseMatrix>(iris.features);
    std::vector<std::size_t> wrong;
    for (std::uint32_t fold = 0; fold < 5; ++fold) {
      Dataset rest = iris;
      rest.labels.clear();
      auto& kept = std::get<DenseMatrix>(rest.features);
      kept.values.clear();
      for (std::size_t i = 0; i < 150; ++i) {
        if ((*fold_of)[i] == fold) continue;
        kept.values.insert(kept.values.end(), rows.row(i).begin(), rows.row(i).end());
        rest.labels.push_back(iris.labels[i]);
      }
      const auto model = Train(rest, WithCost(costs[k]));
      REQUIRE(model);
      for (std::size_t i = 0; i < 150; ++i) {
        if ((*fold_of)[i] == fold && Predict(*model, rows.row(i)) != iris.labels[i]) wrong.push_back(i);
      }
    }
    std::ranges::sort(wrong);
    CHECK(each.evaluation.wrong == wrong);
  }
  CHECK((*validations)[1].evaluation.correct > (*validations)[0].evaluation.correct);
  CHECK(BestCost(*validations) == 1);
}

TEST_CASE("threads change nothing", "[selection]") {
  const Dataset iris = LoadIris();
  const std::vector<double> costs = {0.1, 10.0};
  const auto one = CrossValidate(iris, {.folds = 3, .seed = 1}, TrainOptions{}, costs, OnThreads(1), {});
  const auto four = CrossValidate(iris, {.folds = 3, .seed = 1}, TrainOptions{}, costs, OnThreads(4), {});
  REQUIRE(one);
  REQUIRE(four);
  for (std::size_t k = 0; k < costs.size(); ++k) {
    CHECK((*one)[k].correct == (*four)[k].correct);
    CHECK((*one)[k].evaluation.wrong == (*four)[k].evaluation.wrong);
  }
}

TEST_CASE("what goes wrong in a fold says in which, and folds that cannot be dealt are refused", "[selection]") {
  const Dataset iris = LoadIris();
  const std::vector<double> costs = {2.5};
  TrainOptions nobody;
  nobody.class_weights = {{"rose", 2.0}};
  const auto failed = CrossValidate(iris, {.folds = 3, .seed = 1}, nobody, costs, {}, {});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message.starts_with("cost 2.5, fold 1 of 3: "));
  CHECK(failed.error().message.find("rose") != std::string::npos);
  const auto many = CrossValidate(iris, {.folds = 51, .seed = 1}, TrainOptions{}, costs, {}, {});
  REQUIRE_FALSE(many);
  CHECK(many.error().code == ErrorCode::kBadData);
}

}  // namespace
}  // namespace iris
