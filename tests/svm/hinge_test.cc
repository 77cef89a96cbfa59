// SPDX-License-Identifier: Apache-2.0
//
// The hinge with L2 penalty, along each of its ways: the small table, working sets of a large one, coordinate descent,
// the samples' span and conjugate gradients of a wide one.

#include "src/svm/hinge.h"

#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/dataset/iris.h"
#include "src/svm/certificate_hinge.h"
#include "src/svm/hinge_coordinates.h"
#include "src/svm/hinge_lagrangian.h"
#include "src/svm/hinge_span.h"
#include "tests/svm/naive.h"

namespace iris {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

BinarySolution Solved(const BinaryProblem& problem, unsigned threads = 1) {
  ThreadTeam team(threads);
  Result<BinarySolution> solution = SolveHinge(problem, {team, {}});
  REQUIRE(solution);
  return *std::move(solution);
}

/// Checks that it is the optimum, by two proofs that share nothing. Result: the objective.
double CheckOptimum(const BinaryProblem& problem, const BinarySolution& solution) {
  const NaiveBounds naive = NaiveHinge(problem, solution);
  CHECK(naive.relative_gap() <= 1e-8);
  ThreadTeam team(1);
  const Certificate c = CertifyHinge(problem, solution, team);
  CHECK(c.duality_gap <= 1e-8 * c.objective);
  CHECK(c.duality_gap >= -1e-20 * c.objective);
  CHECK_THAT(c.objective, WithinRel(naive.primal, 1e-11));
  CHECK_THAT(c.dual_objective, WithinRel(naive.dual, 1e-10));
  return c.objective;
}

TEST_CASE("hinge: optima worked out by hand") {
  // x = ±1, ±3 on their sides: P = ½w² + 2C max(0, 1 − w) + 2C max(0, 1 − 3w). With C = ¼ the inner ones alone have a
  // loss at w = 2C; with C = 10 they lie on their kinks, w = 1, and share α = ½.
  const Matrix x = DenseMatrix{1, {-3, -1, 1, 3}};
  const std::vector<double> s{-1, -1, 1, 1};
  for (const auto& [cost, w, objective] : {std::array{0.25, 0.5, 0.375}, {10.0, 1.0, 0.5}}) {
    const std::vector<double> costs(4, cost);
    const BinaryProblem problem{x, s, costs, 0.0};
    const BinarySolution solution = Solved(problem);
    CHECK_THAT(solution.weights[0], WithinAbs(w, 1e-12));
    CHECK(solution.weights[1] == 0.0);
    CHECK_THAT(CheckOptimum(problem, solution), WithinRel(objective, 1e-12));
    CHECK(solution.dual[0] == 0.0);
    CHECK_THAT(solution.dual[1] + solution.dual[2], WithinAbs(w, 1e-9));
  }
}

TEST_CASE("hinge: the optimum on Iris") {
  // scikit-learn's liblinear at its tightest, to 10 digits or so, and never below ours.
  constexpr std::array<double, 3> kObjective = {0.8909848381403517, 91.218708086846, 20.91434821193959};
  const Dataset iris = LoadIris();
  const std::vector<double> costs(150, 1.0);
  for (std::int32_t c = 0; c < 3; ++c) {
    const std::vector<double> signs = SignsOf(iris, c);
    const BinaryProblem problem{iris.features, signs, costs, 1.0};
    CHECK_THAT(CheckOptimum(problem, Solved(problem)), WithinRel(kObjective[static_cast<std::size_t>(c)], 1e-8));
  }
}

TEST_CASE("hinge: any table, cost, intercept and class weight; dense and sparse") {
  struct Shape {
    std::size_t samples, features;
  };
  for (const Shape& shape : {Shape{40, 4}, Shape{30, 60}, Shape{200, 8}}) {
    for (const Trouble trouble : kAllTroubles) {
      const Dataset table = TroubledTable(shape.samples, shape.features, trouble, 71);
      for (const double cost : {1e-4, 1e-2, 1.0, 1e3, 1e6}) {
        for (const double intercept : {0.0, 1.0, 10.0}) {
          if (intercept != 1.0 && cost != 1.0 && cost != 1e6) continue;
          CAPTURE(shape.samples, shape.features, static_cast<int>(trouble), cost, intercept);
          const Given dense(table, cost, intercept, 20.0);
          const BinarySolution solution = Solved(dense.problem());
          const double objective = CheckOptimum(dense.problem(), solution);
          CHECK((intercept != 0.0 || solution.weights.back() == 0.0));
          const Given sparse(AsSparse(table), cost, intercept, 20.0);
          CHECK_THAT(CheckOptimum(sparse.problem(), Solved(sparse.problem())), WithinRel(objective, 1e-8));
        }
      }
    }
  }
}

TEST_CASE("hinge: a sample twice is its cost twice") {
  const Given twice(TroubledTable(80, 5, Trouble::kCopies, 3), 0.7, 1.0, 1.0);
  Dataset half = NoisyTable(80, 5, 2, 3);
  ValuesOf(half) = {ValuesOf(twice.table).begin(), ValuesOf(twice.table).begin() + 40 * 5};
  half.labels.resize(40);
  const Given once(std::move(half), 1.4, 1.0, 1.0);
  const BinarySolution a = Solved(twice.problem());
  const BinarySolution b = Solved(once.problem());
  CHECK_THAT(CheckOptimum(twice.problem(), a), WithinRel(CheckOptimum(once.problem(), b), 1e-9));
  for (std::size_t k = 0; k < a.weights.size(); ++k) CHECK_THAT(a.weights[k], WithinAbs(b.weights[k], 1e-5));
}

TEST_CASE("hinge: working sets of a large table find its optimum, with the same bits on 1, 2 and 4 threads") {
  for (const double cost : {1e-3, 100.0}) {
    CAPTURE(cost);
    const Given large(NoisyTable(12'000, 6, 2, 61), cost);
    const BinarySolution alone = Solved(large.problem());
    CheckOptimum(large.problem(), alone);
    for (const unsigned threads : {2u, 4u}) {
      const BinarySolution shared = Solved(large.problem(), threads);
      CHECK(shared.weights == alone.weights);
      CHECK(shared.dual == alone.dual);
    }
  }
}

TEST_CASE("hinge: wide tables, by descent, by the samples' span, by conjugate gradients") {
  // Text-like: descent alone arrives.
  const Given text(SparseTable(400, 2500, 15, 5), 1.0);
  {
    ThreadTeam team(1);
    const CoordinateDescent descent = DescendCoordinates(text.problem(), 1e-12, {team, {}});
    CHECK(descent.relative_gap <= 1e-12);
    CHECK_THAT(CheckOptimum(text.problem(), descent.solution),
               WithinRel(CheckOptimum(text.problem(), Solved(text.problem())), 1e-9));
  }
  // Badly scaled at a high cost: coordinates alone would stall, Newton steps do not, nor does the samples' span.
  const auto scaled = [](Dataset table) {
    auto& sparse = std::get<SparseMatrix>(table.features);
    for (std::size_t j = 0; j < sparse.values.size(); ++j) sparse.values[j] *= sparse.indices[j] % 2 == 0 ? 30.0 : 0.03;
    return table;
  };
  const Given few(scaled(SparseTable(50, 2100, 30, 6)), 1e4);
  {
    ThreadTeam team(1);
    const CoordinateDescent descent = DescendCoordinates(few.problem(), 1e-12, {team, {}});
    CHECK(descent.done);
    CHECK(descent.solution.steps <= 200);
    const BinaryProblem problem = few.problem();
    const HingeSpan span(problem, {team, {}});
    const Result<BinarySolution> inner = SolveHinge(span.problem(), {team, {}});
    REQUIRE(inner);
    BinarySolution spread = *inner;
    spread.weights = span.Weights(inner->weights);
    CHECK_THAT(CheckOptimum(few.problem(), spread),
               WithinRel(CheckOptimum(few.problem(), descent.solution), 1e-10));
  }
  const BinarySolution alone = Solved(few.problem());
  CheckOptimum(few.problem(), alone);
  CHECK(Solved(few.problem(), 4).weights == alone.weights);
  // More features than a matrix of them squared is made for.
  const Given wider(SparseTable(80, 4200, 8, 7), 1.0);
  ThreadTeam team(2);
  const Result<BinarySolution> iterated = MinimiseHinge({wider.problem(), {}, 0.0}, {}, {.gap = 1e-13}, {team, {}});
  REQUIRE(iterated);
  CheckOptimum(wider.problem(), *iterated);
}

TEST_CASE("hinge: on wide tables descent with Newton steps finds what the Lagrangian finds, in few passes") {
  struct Shape {
    std::size_t samples, features, stored;
  };
  for (const Shape& shape : {Shape{100, 300, 0}, Shape{150, 450, 90}, Shape{500, 270, 60}, Shape{600, 3000, 40}}) {
    const Dataset table = shape.stored == 0 ? NoisyTable(shape.samples, shape.features, 2, 3)
                                            : SparseTable(shape.samples, shape.features, shape.stored, 4);
    for (const double cost : {0.01, 1.0, 100.0}) {
      CAPTURE(shape.samples, shape.features, cost);
      const Given given(table, cost);
      ThreadTeam team(1);
      const CoordinateDescent descent = DescendCoordinates(given.problem(), 1e-12, {team, {}});
      CHECK(descent.done);
      CHECK(descent.relative_gap <= 1e-11);
      CHECK(descent.solution.steps <= 400);
      const double objective = CheckOptimum(given.problem(), descent.solution);
      CHECK(Solved(given.problem(), 3).weights == descent.solution.weights);
      if (shape.features > 1000) continue;  // too slow
      const Result<BinarySolution> other = MinimiseHinge({given.problem(), {}, 0.0}, {}, {.gap = 1e-12}, {team, {}});
      REQUIRE(other);
      CHECK_THAT(CheckOptimum(given.problem(), *other), WithinRel(objective, 1e-10));
    }
  }
}

TEST_CASE("hinge: tiny features, of which the objective shows nothing, get their direction all the same") {
  for (const std::size_t features : {3u, 400u}) {
    Dataset table = NoisyTable(120, features, 2, 8);
    for (double& value : ValuesOf(table)) value *= 1e-8;
    const Given given(std::move(table), 1.0, 0.0, 1.0);
    const BinarySolution solution = Solved(given.problem());
    // All samples stay far within the margin: α = C, w = C Σ s x.
    for (std::size_t k = 0; k < features; ++k) {
      double expected = 0.0;
      for (std::size_t i = 0; i < 120; ++i) expected += given.signs[i] * RowOf(given.table, i)[k];
      CHECK_THAT(solution.weights[k], WithinRel(expected, 1e-6));
    }
  }
}

TEST_CASE("hinge: the samples' span keeps all their products, copies and zeros included") {
  const Given given(TroubledTable(20, 50, Trouble::kCopies, 9), 1.0, 2.0);
  ThreadTeam team(2);
  const BinaryProblem problem = given.problem();
  const HingeSpan span(problem, {team, {}});
  const BinaryProblem inner = span.problem();
  CHECK(inner.feature_count() == 10);
  std::vector<double> coordinates(inner.feature_count() + 1, 0.0);
  for (std::size_t b = 0; b < inner.feature_count(); ++b) coordinates[b] = 1.0 + static_cast<double>(b);
  const std::vector<double> weights = span.Weights(coordinates);
  for (std::size_t i = 0; i < 20; ++i) {
    const std::vector<double> outer_row = FullRow(problem, i);
    const std::vector<double> inner_row = FullRow(inner, i);
    for (std::size_t j = 0; j < 20; ++j) {
      const std::vector<double> outer_other = FullRow(problem, j);
      const std::vector<double> inner_other = FullRow(inner, j);
      const double outer_product = std::inner_product(outer_row.begin(), outer_row.end(), outer_other.begin(), 0.0);
      const double inner_product = std::inner_product(inner_row.begin(), inner_row.end(), inner_other.begin(), 0.0);
      CHECK_THAT(inner_product, WithinAbs(outer_product, 1e-12));
    }
    CHECK_THAT(std::inner_product(outer_row.begin(), outer_row.end(), weights.begin(), 0.0),
               WithinAbs(std::inner_product(inner_row.begin(), inner_row.end(), coordinates.begin(), 0.0), 1e-11));
  }
}

TEST_CASE("hinge: what overflows is refused, and progress is told") {
  const Given huge(MakeDataset(1, 2, {1e200, -1e200, 1e180, 2e200}, {0, 1, 0, 1}), 1.0);
  ThreadTeam team(1);
  const Result<BinarySolution> refused = SolveHinge(huge.problem(), {team, {}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kBadData);

  for (const Dataset& table : {NoisyTable(100, 4, 2, 2), NoisyTable(12'000, 6, 2, 61), NoisyTable(50, 300, 2, 5)}) {
    const Given given(table, 1e3);
    std::int64_t last = -1;
    double left = 1.0;
    const SolverRun run{team, [&](std::int64_t step, double now) {
                          CHECK(step >= last);
                          CHECK(now <= left);
                          last = step;
                          left = now;
                        }};
    const BinarySolution solution = SolveHinge(given.problem(), run).value();
    CHECK(last == solution.steps);
    CHECK(left < 1e-8);
  }
}

}  // namespace
}  // namespace iris
