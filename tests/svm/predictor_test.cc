// SPDX-License-Identifier: Apache-2.0

#include "src/svm/predictor.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <span>
#include <variant>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/svm/prediction_tiles.h"
#include "tests/svm/tables.h"

namespace iris {
namespace {

Model MakeModel(std::size_t classes, std::size_t features, std::vector<double> weights, std::vector<double> bias) {
  Model model;
  model.class_names.resize(classes);
  model.feature_names.resize(features);
  model.weights = std::move(weights);
  model.bias = std::move(bias);
  return model;
}

bool SameBits(std::span<const double> a, std::span<const double> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

TEST_CASE("decision values are w·x + b, summed in order, bias last") {
  const Model model = MakeModel(3, 2, {1, 2, 3, 4, 1e16, 1}, {10, 20, -1e16});
  std::array<double, 3> out{};
  DecisionValues(model, std::array{0.5, 0.25}, out);
  CHECK(out[0] == 11.0);
  CHECK(out[1] == 22.5);
  DecisionValues(model, std::array{1.0, 1.0}, out);
  CHECK(out[2] == 0.0);  // (1e16 + 1) − 1e16 in doubles: another order would give 1
}

TEST_CASE("the largest decision value wins, ties go to the lowest index") {
  const Model model = MakeModel(3, 1, {1, 1, -1}, {0, 0, 0});
  CHECK(Predict(model, std::array{2.0}) == 0);
  CHECK(Predict(model, std::array{-2.0}) == 2);
  CHECK(Predict(model, std::array{0.0}) == 0);
  CHECK(Predict(MakeModel(3, 1, {0, 1, 1}, {0, 0, 0}), std::array{1.0}) == 1);
}

TEST_CASE("two classes: the second only above zero") {
  const Model model = MakeModel(2, 1, {2}, {-1});
  CHECK(Predict(model, std::array{0.5}) == 0);
  CHECK(Predict(model, std::array{0.50001}) == 1);
  CHECK(Predict(model, std::array{-3.0}) == 0);
}

TEST_CASE("finite input that overflows still gets a class") {
  const double huge = std::numeric_limits<double>::max();
  // Decision values NaN, +inf, -inf.
  const Model model = MakeModel(3, 2, {2, -2, 2, 2, -2, -2}, {0, 0, 0});
  CHECK(Predict(model, std::array{huge, huge}) == 1);
  std::array<std::int32_t, kTileSamples + 1> labels{};
  PredictBatch(model, std::vector(2 * labels.size(), huge), labels);
  CHECK(std::ranges::all_of(labels, [](std::int32_t label) { return label == 1; }));
  CHECK(Predict(MakeModel(2, 2, {2, -2}, {0}), std::array{huge, huge}) == 0);
  std::array<double, 3> values{};
  DecisionValues(model, std::array{huge, huge}, values);
  for (const bool wide : {false, true}) {
    if (wide && !HasWideRegisters()) continue;
    const std::vector<double> samples(2 * kTileSamples, huge);
    std::array<std::int32_t, kTileSamples> tile{};
    REQUIRE(PredictTiles(model, samples, tile, wide) == kTileSamples);
    CHECK(std::ranges::all_of(tile, [](std::int32_t label) { return label == 1; }));
    std::array<double, 3 * kTileSamples> decided{};
    REQUIRE(DecideTiles(model, samples, decided, wide) == kTileSamples);
    for (std::size_t i = 0; i < kTileSamples; ++i) CHECK(SameBits({&decided[3 * i], 3}, values));
  }
}

TEST_CASE("sparse samples, batches and whole tables: the same bits as one by one") {
  std::mt19937_64 random(15);
  for (const std::size_t features : {1u, 4u, 7u, 32u, 33u, 65u}) {
    for (const std::size_t classes : {2u, 3u, 10u}) {
      const std::size_t rows = classes == 2 ? 1 : classes;
      std::vector<double> weights(rows * features);
      std::vector<double> bias(rows);
      for (double& w : weights) w = Uniform(random);
      for (double& b : bias) b = Uniform(random);
      const Model model = MakeModel(classes, features, weights, bias);
      for (const std::size_t samples : {0u, 1u, 7u, 8u, 9u, 1000u}) {
        std::vector<double> values(samples * features);
        for (double& x : values) x = Uniform(random) > 0.5 ? 0.0 : Uniform(random);
        const Dataset table = MakeDataset(features, classes, values, std::vector<std::int32_t>(samples, 0));
        const Dataset sparse = AsSparse(table);
        std::vector<double> batch(samples * rows);
        DecisionValuesBatch(model, values, batch);
        const std::vector<std::int32_t> predicted = PredictAll(model, table.features);
        REQUIRE(predicted.size() == samples);
        CHECK(PredictAll(model, sparse.features) == predicted);
        for (const bool wide : {false, true}) {
          if (wide && !HasWideRegisters()) continue;
          std::vector<double> tiles(batch.size(), -7.0);
          std::vector<std::int32_t> labels(samples, -7);
          const std::size_t whole = samples / kTileSamples * kTileSamples;
          REQUIRE(DecideTiles(model, values, tiles, wide) == whole);
          REQUIRE(PredictTiles(model, values, labels, wide) == whole);
          CHECK(SameBits({tiles.data(), whole * rows}, {batch.data(), whole * rows}));
          CHECK(std::equal(labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(whole), predicted.begin()));
        }
        std::vector<double> alone(rows);
        std::vector<double> from_sparse(rows);
        for (std::size_t i = 0; i < samples; ++i) {
          DecisionValues(model, RowOf(table, i), alone);
          CHECK(SameBits(alone, {batch.data() + i * rows, rows}));
          DecisionValues(model, std::get<SparseMatrix>(sparse.features).row(i), from_sparse);
          CHECK(alone == from_sparse);
          CHECK(PredictedClass(alone) == predicted[i]);
          CHECK(Predict(model, RowOf(table, i)) == predicted[i]);
        }
      }
    }
  }
}

TEST_CASE("a sparse table may know fewer columns than the model") {
  const Model model = MakeModel(2, 3, {1, 1, 100}, {-0.5});
  SparseMatrix table;
  table.columns = 1;
  table.starts = {0, 0, 1};
  table.indices = {0};
  table.values = {2.0};
  CHECK(PredictAll(model, table) == std::vector<std::int32_t>{0, 1});
}

}  // namespace
}  // namespace iris
