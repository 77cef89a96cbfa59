// SPDX-License-Identifier: Apache-2.0

#include "src/svm/folds.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <variant>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

/// One feature, whose value is the sample's number.
Dataset TableWithLabels(std::vector<std::int32_t> labels, std::size_t classes) {
  Dataset dataset;
  dataset.feature_names = {"x"};
  for (std::size_t c = 0; c < classes; ++c) dataset.class_names.push_back("c" + std::to_string(c));
  DenseMatrix matrix{.columns = 1, .values = {}};
  for (std::size_t i = 0; i < labels.size(); ++i) matrix.values.push_back(static_cast<double>(i));
  dataset.features = matrix;
  dataset.labels = std::move(labels);
  return dataset;
}

Dataset Uneven() {
  std::vector<std::int32_t> labels;
  for (std::int32_t i = 0; i < 103; ++i) labels.push_back(i % 10 < 6 ? 0 : (i % 10 < 9 ? 1 : 2));
  return TableWithLabels(std::move(labels), 3);
}

TEST_CASE("folds are even, in all and in every class", "[folds]") {
  const Dataset dataset = Uneven();
  for (const std::size_t folds : {2U, 3U, 5U, 10U}) {
    const auto fold_of = StratifiedFolds(dataset, folds, 7);
    REQUIRE(fold_of);
    REQUIRE(fold_of->size() == dataset.samples());
    std::vector<std::vector<std::size_t>> counts(4, std::vector<std::size_t>(folds));  // three classes, and all
    for (std::size_t i = 0; i < fold_of->size(); ++i) {
      REQUIRE((*fold_of)[i] < folds);
      ++counts[static_cast<std::size_t>(dataset.labels[i])][(*fold_of)[i]];
      ++counts[3][(*fold_of)[i]];
    }
    for (const auto& each : counts) CHECK(std::ranges::max(each) - std::ranges::min(each) <= 1);
  }
}

TEST_CASE("the deal is what it is documented to be, on every machine", "[folds]") {
  // Found apart from this program, from the description in folds.cc.
  const Dataset dataset = TableWithLabels({0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0}, 2);
  using Folds = std::vector<std::uint32_t>;
  const auto deal = [&dataset](std::uint64_t seed) { return StratifiedFolds(dataset, 3, seed).value(); };
  CHECK(deal(0) == Folds{2, 1, 2, 1, 0, 0, 1, 2, 1, 0, 2, 0});
  CHECK(deal(1) == Folds{1, 2, 2, 1, 0, 2, 0, 1, 2, 0, 0, 1});
  CHECK(deal(18446744073709551615U) == Folds{0, 2, 1, 1, 0, 2, 2, 0, 1, 0, 1, 2});
}

TEST_CASE("every sample is equally likely to be in every fold", "[folds]") {
  const Dataset dataset = TableWithLabels({0, 0, 0, 0, 1, 1, 1, 1}, 2);
  std::vector<int> first_fold(8);
  constexpr int kDeals = 4000;
  for (std::uint64_t seed = 0; seed < kDeals; ++seed) {
    const auto fold_of = StratifiedFolds(dataset, 4, seed);
    REQUIRE(fold_of);
    for (std::size_t i = 0; i < 8; ++i) first_fold[i] += (*fold_of)[i] == 0 ? 1 : 0;
  }
  // A quarter, give or take five standard deviations of a binomial.
  for (const int count : first_fold) CHECK(std::abs(count - kDeals / 4) < 5 * 28);
}

TEST_CASE("a class with fewer samples than folds is refused by name", "[folds]") {
  const Dataset dataset = TableWithLabels({0, 0, 0, 1, 1, 0}, 2);
  CHECK(StratifiedFolds(dataset, 2, 0));
  const auto few = StratifiedFolds(dataset, 3, 0);
  REQUIRE_FALSE(few);
  CHECK(few.error().code == ErrorCode::kBadData);
  CHECK(few.error().message ==
        "class \"c1\": found 2 samples, expected at least 3, one for each fold; take at most 2 folds, or add samples");
  const auto single = StratifiedFolds(TableWithLabels({0, 0, 1}, 2), 2, 0);
  REQUIRE_FALSE(single);
  CHECK(single.error().message ==
        "class \"c1\": found 1 sample, expected at least 2, one for each fold; add samples of this class, or take it "
        "out");
  for (const std::size_t folds : {0U, 1U}) {
    const auto none = StratifiedFolds(dataset, folds, 0);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == ErrorCode::kInvalidArgument);
  }
}

TEST_CASE("the two parts of a fold are the table, in its order", "[folds]") {
  const Dataset dataset = TableWithLabels({0, 1, 0, 1, 0}, 2);
  const std::vector<std::uint32_t> fold_of = {0, 1, 1, 0, 0};
  const Dataset testing = TakePart(dataset, fold_of, 1, FoldPart::kTesting);
  CHECK(std::get<DenseMatrix>(testing.features).values == std::vector<double>{1, 2});
  CHECK(testing.labels == std::vector<std::int32_t>{1, 0});
  CHECK(testing.feature_names == dataset.feature_names);
  CHECK(testing.class_names == dataset.class_names);
  const Dataset training = TakePart(dataset, fold_of, 1, FoldPart::kTraining);
  CHECK(std::get<DenseMatrix>(training.features).values == std::vector<double>{0, 3, 4});
  CHECK(training.labels == std::vector<std::int32_t>{0, 1, 0});
  CHECK(training.samples() == Rows(training.features));
}

TEST_CASE("sparse rows are taken whole, empty ones too", "[folds]") {
  Dataset dataset = TableWithLabels({0, 1, 0, 1}, 2);
  SparseMatrix matrix;
  matrix.columns = 9;
  matrix.starts = {0, 2, 2, 3, 5};
  matrix.indices = {1, 8, 4, 0, 3};
  matrix.values = {10, 11, 12, 13, 14};
  dataset.features = matrix;
  const Dataset part = TakePart(dataset, std::vector<std::uint32_t>{0, 1, 2, 1}, 1, FoldPart::kTesting);
  const auto& taken = std::get<SparseMatrix>(part.features);
  CHECK(taken.columns == 9);
  CHECK(taken.starts == std::vector<std::size_t>{0, 0, 2});
  CHECK(taken.indices == std::vector<std::uint32_t>{0, 3});
  CHECK(taken.values == std::vector<double>{13, 14});
}

}  // namespace
}  // namespace iris
