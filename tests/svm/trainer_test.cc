// SPDX-License-Identifier: Apache-2.0

#include "src/svm/trainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "catch_amalgamated.hpp"
#include "src/dataset/iris.h"
#include "src/svm/evaluation.h"
#include "src/svm/predictor.h"
#include "tests/svm/tables.h"

namespace iris {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

/// The trained model; a failure shows its message.
Model Trained(const Dataset& dataset, const TrainOptions& options) {
  Result<Model> model = Train(dataset, options);
  INFO((model ? "trained" : model.error().message));
  REQUIRE(model);
  return *std::move(model);
}

/// The certificate's promises, for any model of the squared hinge with L2 that Train returns; the objective also as the
/// naive code has it.
void CheckCertificates(const Model& model, const Dataset& dataset, double tolerance = 1e-14) {
  REQUIRE(model.certificates.size() == model.rows());
  const double intercept = model.options.fit_intercept ? model.options.intercept_scaling : 0.0;
  for (std::size_t r = 0; r < model.rows(); ++r) {
    const Certificate& c = model.certificates[r];
    CHECK(c.objective > 0.0);
    CHECK(c.duality_gap >= -1e-25 * c.objective);
    CHECK(c.duality_gap <= 1e-10 * c.objective);
    const std::int32_t positive = model.rows() == 1 ? 1 : static_cast<std::int32_t>(r);
    const std::vector<double> signs = SignsOf(dataset, positive);
    std::vector<double> costs;
    for (const std::int32_t label : dataset.labels) {
      const auto weight = model.options.class_weights.find(dataset.class_names[static_cast<std::size_t>(label)]);
      const bool counts = (model.rows() == 1 || label == positive) && weight != model.options.class_weights.end();
      costs.push_back(model.options.cost * (counts ? weight->second : 1.0));
    }
    const BinaryProblem problem{dataset.features, signs, costs, intercept};
    std::vector<double> weights(model.row(r).begin(), model.row(r).end());
    weights.push_back(intercept == 0.0 ? 0.0 : model.bias[r] / intercept);
    CHECK_THAT(c.objective, WithinRel(NaiveSquaredHinge(problem, weights).objective, tolerance));
  }
}

TEST_CASE("the exact optimum on Iris") {
  // Found with a 5 × 5 active-set Newton in extended precision; see also docs. Sepal length, sepal width, petal length,
  // petal width, bias.
  constexpr std::array<std::array<double, 5>, 3> kOptimum = {
      {{0.18424468597970563, 0.45122252337996333, -0.80793722656948842, -0.45072813409094696, 0.10955235131418892},
       {0.05524624778074137, -0.90089460450182273, 0.40923384587091758, -0.96062710379750921, 1.68737164127141042},
       {-0.85059120136501678, -0.98655487988716267, 1.38103733073782874, 1.86512017852995039, -1.71079266122162709}}};
  constexpr std::array<double, 3> kObjective = {0.6788984279657909, 100.2183184391189, 17.66627053022465};
  constexpr std::array<std::int64_t, 3> kSteps = {5, 3, 5};

  const Dataset iris = LoadIris();
  const Model model = Trained(iris, {});
  REQUIRE(model.rows() == 3);
  CHECK(model.class_names == iris.class_names);
  CHECK(model.feature_names == iris.feature_names);
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t k = 0; k < 4; ++k) CHECK_THAT(model.row(r)[k], WithinAbs(kOptimum[r][k], 1e-14));
    CHECK_THAT(model.bias[r], WithinAbs(kOptimum[r][4], 1e-14));
    const Certificate& certificate = model.certificates[r];
    CHECK_THAT(certificate.objective, WithinRel(kObjective[r], 1e-14));
    CHECK_THAT(certificate.dual_objective, WithinRel(kObjective[r], 1e-14));
    CHECK(certificate.violation < 1e-12);
    CHECK(certificate.steps == kSteps[r]);
  }
  CheckCertificates(model, iris);

  const Evaluation evaluation = Evaluate(model, iris);
  CHECK(evaluation.samples == 150);
  CHECK(evaluation.correct == 145);
  CHECK(evaluation.wrong == std::vector<std::size_t>{70, 83, 84, 129, 133});
  CHECK_THAT(evaluation.accuracy(), WithinRel(145.0 / 150.0, 1e-15));
}

TEST_CASE("training twice gives the same bits") {
  const Dataset iris = LoadIris();
  CHECK(Train(iris, {}).value() == Train(iris, {}).value());
  const Dataset table = NoisyTable(1001, 13, 4, 7);
  CHECK(Train(table, {.cost = 3}).value() == Train(table, {.cost = 3}).value());
}

TEST_CASE("Iris at any cost") {
  const Dataset iris = LoadIris();
  std::vector<double> last(3, 0.0);
  for (const double cost : {1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 1e2, 1e3, 1e4, 1e5, 1e6}) {
    CAPTURE(cost);
    const Model model = Trained(iris, {.cost = cost});
    CHECK(model.options.cost == cost);
    CheckCertificates(model, iris);
    for (std::size_t r = 0; r < 3; ++r) {  // the optimum grows with C
      CHECK(model.certificates[r].objective > last[r]);
      last[r] = model.certificates[r].objective;
    }
  }
}

TEST_CASE("generated tables: overlapping, wide, collinear, constant, badly scaled") {
  struct Shape {
    std::size_t samples, features, classes;
  };
  for (const Shape& shape : {Shape{200, 3, 2}, Shape{300, 8, 5}, Shape{30, 60, 3}, Shape{1, 2, 2}, Shape{7, 1, 3}}) {
    for (const double cost : {1e-4, 1.0, 1e6}) {
      CAPTURE(shape.samples, shape.features, shape.classes, cost);
      Dataset table =
          NoisyTable(std::max<std::size_t>(shape.samples, shape.classes), shape.features, shape.classes, 11);
      const Model plain = Trained(table, {.cost = cost});
      CheckCertificates(plain, table);

      // The last feature constant; then a copy of the first.
      for (const bool copy : {false, true}) {
        Dataset changed = table;
        for (std::size_t i = 0; i < changed.samples(); ++i) {
          double* const x = ValuesOf(changed).data() + i * shape.features;
          x[shape.features - 1] = copy ? x[0] : 2.5;
        }
        const Model model = Trained(changed, {.cost = cost});
        CheckCertificates(model, changed);
        // Collinear features share the weight evenly: the penalty is smallest so.
        if (copy) {
          for (std::size_t r = 0; r < model.rows(); ++r) {
            const std::span<const double> row = model.row(r);
            CHECK_THAT(row[0] - row[shape.features - 1], WithinAbs(0.0, 1e-6 * std::abs(row[0]) + 1e-12));
          }
        }
      }
    }
  }
}

TEST_CASE("features from 1e-6 to 1e6, and features far from zero") {
  for (const std::size_t samples : {30u, 500u}) {
    for (const std::size_t features : {4u, 60u}) {
      Dataset scaled = NoisyTable(samples, features, 2, 12);
      Dataset shifted = scaled;
      for (std::size_t j = 0; j < ValuesOf(scaled).size(); ++j) {
        const auto column = static_cast<double>(j % features);
        ValuesOf(scaled)[j] *= std::pow(10.0, 12.0 * column / static_cast<double>(features - 1) - 6.0);
        ValuesOf(shifted)[j] += 1e4;
      }
      for (const double cost : {1e-4, 1.0, 1e6}) {
        CAPTURE(samples, features, cost);
        CheckCertificates(Trained(shifted, {.cost = cost}), shifted);
        // Fewer samples than such features are separable by a hair: at C = 1e6 their margins differ from 1 by less than
        // the last digit of a double, and only twice the digits tell the active set.
        CheckCertificates(Trained(scaled, {.cost = cost}), scaled);
      }
    }
  }
}

TEST_CASE("features so collinear, at such a cost, that Cholesky gives up") {
  std::mt19937_64 random(5);
  std::vector<double> values;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 300; ++i) {
    const double base = Uniform(random);
    for (int k = 0; k < 6; ++k) values.push_back(base + 1e-9 * Uniform(random));
    labels.push_back(base + Uniform(random) > 0 ? 1 : 0);
  }
  const Dataset table = MakeDataset(6, 2, values, labels);
  const Model model = Trained(table, {.cost = 1e13});
  CheckCertificates(model, table);
}

TEST_CASE("two classes make a single row, positive for the second class") {
  const Dataset table = MakeDataset(1, 2, {-3, -1, 1, 3}, {0, 0, 1, 1});
  const Model model = Trained(table, {});
  CHECK(model.rows() == 1);
  CHECK(model.weights.size() == 1);
  // By symmetry b = 0, and w minimises ½w² + 2(1 − w)²: only the inner samples have a margin below 1.
  CHECK_THAT(model.weights[0], WithinAbs(0.8, 1e-15));
  CHECK_THAT(model.bias[0], WithinAbs(0.0, 1e-15));
  CHECK_THAT(model.certificates[0].objective, WithinRel(0.4, 1e-15));
  CHECK(model.certificates[0].support_vectors == 2);
  CHECK(Evaluate(model, table).correct == 4);
}

TEST_CASE("a sample twice weighs as two, and all samples twice as twice the cost") {
  const Dataset once = NoisyTable(90, 4, 3, 3);
  Dataset twice = once;
  ValuesOf(twice).insert(ValuesOf(twice).end(), ValuesOf(once).begin(), ValuesOf(once).end());
  twice.labels.insert(twice.labels.end(), once.labels.begin(), once.labels.end());
  const Model a = Train(twice, {.cost = 1.5}).value();
  const Model b = Train(once, {.cost = 3.0}).value();
  for (std::size_t j = 0; j < a.weights.size(); ++j) CHECK_THAT(a.weights[j], WithinAbs(b.weights[j], 1e-12));
  for (std::size_t r = 0; r < 3; ++r) {
    CHECK_THAT(a.certificates[r].objective, WithinRel(b.certificates[r].objective, 1e-13));
    CHECK(a.certificates[r].support_vectors == 2 * b.certificates[r].support_vectors);
  }
}

TEST_CASE("permuting samples or classes permutes the model and no more") {
  const Dataset table = NoisyTable(120, 5, 3, 9);
  Dataset reversed = table;
  for (std::size_t i = 0; i < table.samples(); ++i) {
    const std::size_t from = table.samples() - 1 - i;
    std::ranges::copy(RowOf(table, from), ValuesOf(reversed).begin() + static_cast<std::ptrdiff_t>(i * 5));
    reversed.labels[i] = table.labels[from];
  }
  Dataset renumbered = table;
  for (std::int32_t& label : renumbered.labels) label = (label + 1) % 3;

  const Model model = Train(table, {}).value();
  const Model from_reversed = Train(reversed, {}).value();
  const Model from_renumbered = Train(renumbered, {}).value();
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t k = 0; k < 5; ++k) {
      CHECK_THAT(from_reversed.row(r)[k], WithinAbs(model.row(r)[k], 1e-13));
      CHECK(from_renumbered.row((r + 1) % 3)[k] == model.row(r)[k]);
    }
    CHECK(from_renumbered.bias[(r + 1) % 3] == model.bias[r]);
  }
}

TEST_CASE("a constant feature shares the intercept's part with the bias, in proportion to its value") {
  // The gradient's components of the two differ only by that factor: 0 = w − 2 u and 0 = b − u.
  Dataset table = NoisyTable(100, 3, 2, 4);
  for (std::size_t i = 0; i < table.samples(); ++i) ValuesOf(table)[3 * i + 1] = 2.0;
  const Model model = Train(table, {}).value();
  CHECK_THAT(model.row(0)[1], WithinRel(2.0 * model.bias[0], 1e-12));
}

TEST_CASE("separable classes are separated at a high cost") {
  Dataset table = NoisyTable(60, 3, 2, 21);
  for (std::size_t i = 0; i < table.samples(); ++i) ValuesOf(table)[3 * i] = table.labels[i] == 1 ? 2.0 : -2.0;
  const Model model = Train(table, {.cost = 1e6}).value();
  CheckCertificates(model, table);
  CHECK(Evaluate(model, table).correct == 60);
  for (std::size_t i = 0; i < table.samples(); ++i) {
    double decision = 0;
    DecisionValues(model, RowOf(table, i), {&decision, 1});
    CHECK((table.labels[i] == 1 ? decision : -decision) > 1.0 - 1e-5);
  }
}

TEST_CASE("the model does not depend on the threads") {
  const auto trained = [](const Dataset& table, unsigned threads) {
    TrainRun run;
    run.threads = threads;
    return Train(table, {.cost = 0.5}, run).value();
  };
  const Dataset many_samples = NoisyTable(20'000, 8, 3, 30);
  const Dataset many_classes = NoisyTable(3000, 12, 22, 31);  // rows of the model side by side
  const Dataset sparse = SparseTable(3000, 1500, 15, 32);
  for (const Dataset* const table : {&many_samples, &many_classes, &sparse}) {
    const Model alone = trained(*table, 1);
    for (const unsigned threads : {2u, 4u}) CHECK(trained(*table, threads) == alone);
  }
}

TEST_CASE("a table gives the same optimum dense and sparse") {
  Dataset dense = NoisyTable(400, 10, 4, 33);
  for (std::size_t j = 0; j < ValuesOf(dense).size(); j += 3) ValuesOf(dense)[j] = 0.0;
  const Dataset sparse = AsSparse(dense);
  for (const double cost : {1e-3, 1.0, 1e4}) {
    const Model a = Trained(dense, {.cost = cost});
    const Model b = Trained(sparse, {.cost = cost});
    CheckCertificates(a, dense);
    CheckCertificates(b, sparse);
    for (std::size_t j = 0; j < a.weights.size(); ++j) CHECK_THAT(a.weights[j] - b.weights[j], WithinAbs(0.0, 1e-11));
  }
}

TEST_CASE("an empty sparse column has no weight, an empty row pulls at the intercept alone") {
  Dataset table = AsSparse(MakeDataset(3, 2, {1, 0, 2, 0, 0, 0, -1, 0, -2}, {1, 0, 0}));
  const Model model = Trained(table, {});
  CheckCertificates(model, table);
  CHECK(model.row(0)[1] == 0.0);
}

TEST_CASE("a class weight is a cost for that class's samples: a weight of 2 is each of them twice") {
  const Dataset table = NoisyTable(90, 4, 2, 14);
  Dataset doubled = table;
  for (std::size_t i = 0; i < table.samples(); ++i) {
    if (table.labels[i] != 1) continue;
    ValuesOf(doubled).insert(ValuesOf(doubled).end(), RowOf(table, i).begin(), RowOf(table, i).end());
    doubled.labels.push_back(1);
  }
  TrainOptions options;
  options.class_weights = {{"c1", 2.0}};
  const Model weighted = Trained(table, options);
  CheckCertificates(weighted, table);
  CHECK(weighted.options == options);
  const Model twice = Trained(doubled, {});
  for (std::size_t k = 0; k < 4; ++k) CHECK_THAT(weighted.row(0)[k], WithinAbs(twice.row(0)[k], 1e-13));
  CHECK_THAT(weighted.certificates[0].objective, WithinRel(twice.certificates[0].objective, 1e-14));
}

TEST_CASE("with three classes a class weight touches the row of its class only") {
  const Dataset table = NoisyTable(120, 4, 3, 15);
  TrainOptions options;
  options.class_weights = {{"c2", 3.0}};
  const Model plain = Trained(table, {});
  const Model weighted = Trained(table, options);
  CheckCertificates(weighted, table);
  for (const std::size_t r : {0u, 1u}) {
    CHECK(std::ranges::equal(weighted.row(r), plain.row(r)));
    CHECK(weighted.bias[r] == plain.bias[r]);
  }
  CHECK_FALSE(std::ranges::equal(weighted.row(2), plain.row(2)));
}

TEST_CASE("balanced is what its weights by name are") {
  Dataset table = NoisyTable(100, 3, 2, 16);
  for (std::size_t i = 0; i < 80; ++i) table.labels[i] = 0;
  TrainOptions balanced;
  balanced.balanced = true;
  const auto ones = static_cast<double>(std::ranges::count(table.labels, 1));
  TrainOptions named;
  named.class_weights = {{"c0", 100.0 / (2.0 * (100.0 - ones))}, {"c1", 100.0 / (2.0 * ones)}};
  CHECK(Trained(table, balanced).weights == Trained(table, named).weights);
}

TEST_CASE("without an intercept, and with a scaled one") {
  const Dataset table = NoisyTable(150, 4, 3, 17);
  TrainOptions options;
  options.fit_intercept = false;
  const Model without = Trained(table, options);
  CheckCertificates(without, table);
  CHECK(without.bias == std::vector<double>(3, 0.0));

  // The constant feature by hand: a column of 10s and no intercept is the same problem.
  options.fit_intercept = true;
  options.intercept_scaling = 10.0;
  const Model scaled = Trained(table, options);
  CheckCertificates(scaled, table);
  std::vector<double> values;
  for (std::size_t i = 0; i < table.samples(); ++i) {
    values.insert(values.end(), RowOf(table, i).begin(), RowOf(table, i).end());
    values.push_back(10.0);
  }
  const Model by_hand = Trained(MakeDataset(5, 3, values, table.labels), {.fit_intercept = false});
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t k = 0; k < 4; ++k) CHECK_THAT(by_hand.row(r)[k], WithinAbs(scaled.row(r)[k], 1e-13));
    CHECK_THAT(10.0 * by_hand.row(r)[4], WithinAbs(scaled.bias[r], 1e-13));
  }
}

TEST_CASE("a shift by a constant is absorbed as the scaling of the intercept makes it cheap") {
  // Decision values with an intercept that costs nothing do not change when the features are shifted; scaled up, the
  // intercept costs next to nothing.
  const Dataset table = NoisyTable(200, 3, 2, 18);
  Dataset shifted = table;
  for (double& x : ValuesOf(shifted)) x += 5.0;
  TrainOptions options;
  options.intercept_scaling = 1e4;
  const Model a = Trained(table, options);
  const Model b = Trained(shifted, options);
  for (std::size_t k = 0; k < 3; ++k) CHECK_THAT(b.row(0)[k], WithinRel(a.row(0)[k], 1e-4));
  const double moved = 5.0 * (b.row(0)[0] + b.row(0)[1] + b.row(0)[2]);
  CHECK_THAT(b.bias[0] + moved, WithinRel(a.bias[0], 1e-4));
}

TEST_CASE("what the model says about itself, and progress on the way") {
  Dataset table = NoisyTable(100, 3, 3, 19);
  table.sha256 = "abc";
  std::vector<std::size_t> rows_seen;
  TrainRun run;
  run.program = "iris-predictor 1.2.3";
  run.on_progress = [&](const TrainProgress& progress) {
    CHECK(progress.rows == 3);
    CHECK(progress.step >= 1);
    if (rows_seen.empty() || rows_seen.back() != progress.row) rows_seen.push_back(progress.row);
  };
  const Model model = Train(table, {}, run).value();
  CHECK(model.data_sha256 == "abc");
  CHECK(model.trained_by == "iris-predictor 1.2.3");
  CHECK(rows_seen == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("a class that the table knows but has no sample of is never predicted") {
  Dataset table = NoisyTable(60, 3, 3, 20);
  for (std::int32_t& label : table.labels) label = std::min(label, 1);
  const Model model = Trained(table, {});
  CheckCertificates(model, table);
  CHECK(model.rows() == 3);
  for (const std::int32_t predicted : PredictAll(model, table.features)) CHECK(predicted != 2);
}

TEST_CASE("options that make no sense say so") {
  const Dataset table = MakeDataset(1, 2, {1, 2}, {0, 1});
  for (const double scaling : {0.0, -1.0, std::numeric_limits<double>::infinity()}) {
    const Result<Model> model = Train(table, {.intercept_scaling = scaling});
    REQUIRE_FALSE(model);
    CHECK(model.error().code == ErrorCode::kInvalidArgument);
    CHECK(model.error().message.contains("intercept scaling"));
  }
  CHECK(Train(table, {.loss = Loss::kHinge, .penalty = Penalty::kL1}).error() ==
        Error{ErrorCode::kInvalidArgument,
              "found the hinge with the L1 penalty, expected the squared hinge with L1, or the hinge with L2"});
  CHECK(Train(table, {.class_weights = {{"c7", 1.0}}}).error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("every loss and penalty is certified") {
  const Dataset iris = LoadIris();
  for (const TrainOptions& options :
       {TrainOptions{.loss = Loss::kHinge}, TrainOptions{.penalty = Penalty::kL1}, TrainOptions{}}) {
    const Model model = Trained(iris, options);
    CHECK(model.options == options);
    for (const Certificate& c : model.certificates) CHECK(c.duality_gap <= 1e-8 * c.objective);
    CHECK(Evaluate(model, iris).correct >= 140);
  }
}

TEST_CASE("what cannot be trained on says so") {
  const Dataset good = MakeDataset(1, 2, {1, 2}, {0, 1});
  for (const double cost :
       {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const Result<Model> model = Train(good, {.cost = cost});
    REQUIRE_FALSE(model);
    CHECK(model.error().code == ErrorCode::kInvalidArgument);
    CHECK(model.error().message.contains("expected a finite number greater than 0"));
  }
  CHECK(Train(MakeDataset(1, 2, {}, {}), {}).error().code == ErrorCode::kBadData);
  CHECK(Train(MakeDataset(0, 2, {}, {0, 1}), {}).error().code == ErrorCode::kBadData);
  CHECK(Train(MakeDataset(1, 2, {1, 2}, {1, 1}), {}).error() ==
        Error{ErrorCode::kBadData, "found samples of one class only (\"c1\"), expected at least two classes"});

  const Result<Model> overflow = Train(MakeDataset(1, 2, {1e200, -1e200}, {0, 1}), {});
  REQUIRE_FALSE(overflow);
  CHECK(overflow.error().code == ErrorCode::kBadData);
  CHECK(overflow.error().message.contains("too large for double precision"));
}

TEST_CASE("beyond what doubles can do there is an error, not a wrong model") {
  // Collinear to 15 digits at 1e12: no double-precision weights have a small gap.
  std::mt19937_64 random(8);
  std::vector<double> values;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 200; ++i) {
    const double base = 1e12 * Uniform(random);
    for (int k = 0; k < 20; ++k) values.push_back(base + 1e-3 * Uniform(random));
    labels.push_back(Uniform(random) > 0 ? 1 : 0);
  }
  const Result<Model> model = Train(MakeDataset(20, 2, values, labels), {.cost = 1e6});
  REQUIRE_FALSE(model);
  CHECK(model.error().code == ErrorCode::kCheckFailed);
  CHECK(model.error().message.starts_with("class \"c1\": "));
  CHECK(model.error().message.contains("scale the features"));
}

}  // namespace
}  // namespace iris
