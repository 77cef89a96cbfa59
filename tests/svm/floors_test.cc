// SPDX-License-Identifier: Apache-2.0
//
// What the trainer promises of any table: a model whose gap is below its floor, or an error that says the gap. Never a
// model that is silently bad.

#include <cmath>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/svm/trainer.h"
#include "tests/svm/naive.h"

namespace iris {
namespace {

std::vector<TrainOptions> Methods() { return {{}, {.loss = Loss::kHinge}, {.penalty = Penalty::kL1}}; }

double FloorOf(const TrainOptions& options) {
  return options.loss == Loss::kSquaredHinge && options.penalty == Penalty::kL2 ? 1e-10 : 1e-8;
}

TEST_CASE("where the optimum is beyond doubles, every method says so, and how far it got") {
  // Collinear to 15 digits at 1e12, at a high cost.
  std::mt19937_64 random(8);
  std::vector<double> values;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 200; ++i) {
    const double base = 1e12 * Uniform(random);
    for (int k = 0; k < 20; ++k) values.push_back(base + 1e-3 * Uniform(random));
    labels.push_back(Uniform(random) > 0 ? 1 : 0);
  }
  const Dataset table = MakeDataset(20, 2, values, labels);
  for (TrainOptions options : Methods()) {
    CAPTURE(static_cast<int>(options.loss), static_cast<int>(options.penalty));
    options.cost = 1e6;
    const Result<Model> model = Train(table, options);
    REQUIRE_FALSE(model);
    CHECK(model.error().code == ErrorCode::kCheckFailed);
    CHECK(model.error().message.starts_with("class \"c1\": not at the optimum: the duality gap is "));
    CHECK(model.error().message.contains("scale the features"));
  }
}

TEST_CASE("at the edge of doubles: a model below the floor or an error, by every method") {
  int models = 0;
  int errors = 0;
  for (const double apart : {1e-4, 1e-8, 1e-12, 1e-15}) {
    for (const double size : {1e-9, 1.0, 1e9}) {
      for (const double cost : {1.0, 1e6, 1e12}) {
        Dataset table = NoisyTable(60, 10, 2, 4);
        for (std::size_t j = 0; j < ValuesOf(table).size(); ++j) {
          double& x = ValuesOf(table)[j];
          x = size * (j % 10 == 0 ? x : ValuesOf(table)[j - j % 10] / size + apart * x);
        }
        for (TrainOptions options : Methods()) {
          CAPTURE(apart, size, cost, static_cast<int>(options.loss), static_cast<int>(options.penalty));
          options.cost = cost;
          const Result<Model> model = Train(table, options);
          if (model) {
            ++models;
            const Certificate& c = model->certificates[0];
            CHECK(c.duality_gap <= FloorOf(options) * c.objective);
            CHECK(std::isfinite(model->bias[0]));
          } else {
            ++errors;
            CHECK(model.error().code == ErrorCode::kCheckFailed);
          }
        }
      }
    }
  }
  CHECK(models > 60);
  CHECK(errors > 0);
}

}  // namespace
}  // namespace iris
