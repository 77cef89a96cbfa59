// SPDX-License-Identifier: Apache-2.0

#include "src/svm/evaluation.h"

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

using Catch::Matchers::WithinULP;

TEST_CASE("scores are those of counting by hand", "[evaluation]") {
  // Of class 0: 3, one called 1. Of class 1: 2, both right. Of class 2: 3, one right, two called 1.
  const std::vector<std::int32_t> labels = {0, 0, 0, 1, 1, 2, 2, 2};
  const std::vector<std::int32_t> predictions = {0, 1, 0, 1, 1, 1, 2, 1};
  const Evaluation evaluation = Compare(labels, predictions, 3);
  CHECK(evaluation.samples == 8);
  CHECK(evaluation.correct == 5);
  CHECK(evaluation.accuracy() == 0.625);
  CHECK(evaluation.wrong == std::vector<std::size_t>{1, 5, 7});
  CHECK(evaluation.confusion == std::vector<std::size_t>{2, 1, 0, 0, 2, 0, 0, 2, 1});
  CHECK(evaluation.support(2) == 3);
  CHECK(evaluation.predicted(1) == 5);
  CHECK(evaluation.scores(0) == Scores{1.0, 2.0 / 3, 0.8});
  CHECK(evaluation.scores(1) == Scores{0.4, 1.0, 4.0 / 7});
  CHECK(evaluation.scores(2) == Scores{1.0, 1.0 / 3, 0.5});
  const Scores macro = evaluation.macro_average();
  CHECK_THAT(macro.precision, WithinULP(2.4 / 3, 2));
  CHECK_THAT(macro.recall, WithinULP(2.0 / 3, 2));
  CHECK_THAT(macro.f1, WithinULP((0.8 + 4.0 / 7 + 0.5) / 3, 2));
  const Scores weighted = evaluation.weighted_average();
  CHECK_THAT(weighted.precision, WithinULP((3 + 0.8 + 3) / 8, 2));
  CHECK_THAT(weighted.recall, WithinULP(0.625, 2));  // always the accuracy
  CHECK_THAT(weighted.f1, WithinULP((2.4 + 8.0 / 7 + 1.5) / 8, 2));
}

TEST_CASE("ratios with nothing below the line are 0", "[evaluation]") {
  // Class 1 is never predicted; class 2 is not in the data; class 3 is neither.
  const Evaluation evaluation = Compare(std::vector<std::int32_t>{0, 1}, std::vector<std::int32_t>{0, 2}, 4);
  CHECK(evaluation.scores(0) == Scores{1, 1, 1});
  for (const std::size_t c : {1U, 2U, 3U}) CHECK(evaluation.scores(c) == Scores{0, 0, 0});
  CHECK(evaluation.macro_average() == Scores{1.0 / 3, 1.0 / 3, 1.0 / 3});  // class 3 does not count
  CHECK(evaluation.weighted_average() == Scores{0.5, 0.5, 0.5});
}

TEST_CASE("nothing at all has accuracy 0 and no mistakes", "[evaluation]") {
  const Evaluation evaluation = Compare({}, {}, 2);
  CHECK(evaluation.accuracy() == 0.0);
  CHECK(evaluation.wrong.empty());
  CHECK(evaluation.macro_average() == Scores{});
  CHECK(evaluation.weighted_average() == Scores{});
}

TEST_CASE("a model is evaluated on dense and sparse tables alike", "[evaluation]") {
  Model model;
  model.class_names = {"no", "yes"};
  model.feature_names = {"x", "y"};
  model.weights = {1, -1};
  model.bias = {0};
  Dataset dataset;
  dataset.class_names = model.class_names;
  dataset.feature_names = model.feature_names;
  dataset.labels = {1, 0, 0};
  dataset.features = DenseMatrix{.columns = 2, .values = {2, 0, 0, 3, 1, 0}};
  const Evaluation dense = Evaluate(model, dataset);
  CHECK(dense.confusion == std::vector<std::size_t>{1, 1, 0, 1});
  CHECK(dense.wrong == std::vector<std::size_t>{2});
  SparseMatrix sparse;
  sparse.columns = 2;
  sparse.starts = {0, 1, 2, 3};
  sparse.indices = {0, 1, 0};
  sparse.values = {2, 3, 1};
  dataset.features = sparse;
  CHECK(Evaluate(model, dataset).confusion == dense.confusion);
}

}  // namespace
}  // namespace iris
