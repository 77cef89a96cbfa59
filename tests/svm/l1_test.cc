// SPDX-License-Identifier: Apache-2.0
//
// The squared hinge with L1 penalty.

#include "src/svm/l1.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/dataset/iris.h"
#include "src/svm/certificate_l1.h"
#include "src/svm/l1_coordinates.h"
#include "tests/svm/naive.h"

namespace iris {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

BinarySolution Solved(const BinaryProblem& problem, unsigned threads = 1) {
  ThreadTeam team(threads);
  Result<BinarySolution> solution = SolveL1(problem, {team, {}});
  REQUIRE(solution);
  return *std::move(solution);
}

/// Checks that it is the optimum, by two proofs that share nothing. Result: the objective.
double CheckOptimum(const BinaryProblem& problem, const BinarySolution& solution) {
  const NaiveBounds naive = NaiveL1(problem, solution);
  CHECK(naive.relative_gap() <= 1e-8 + naive.rounding);
  ThreadTeam team(1);
  const Certificate c = CertifyL1(problem, solution, team);
  CHECK(c.duality_gap <= 1e-8 * c.objective);
  CHECK_THAT(c.objective, WithinRel(naive.primal, 1e-11));
  return c.objective;
}

TEST_CASE("L1: optima worked out by hand, and the cost from which on a weight is worth having") {
  // x = ±1 on their sides: P = |w| + 2C (1 − w)², smallest at w = 1 − 1/4C, or at exactly 0 where C ≤ ¼.
  const Matrix x = DenseMatrix{1, {-1, 1}};
  const std::vector<double> s{-1, 1};
  for (const double cost : {1e-4, 0.2499, 0.25, 0.2501, 1.0, 1e6}) {
    CAPTURE(cost);
    const std::vector<double> costs(2, cost);
    const BinaryProblem problem{x, s, costs, 0.0};
    const BinarySolution solution = Solved(problem);
    const double w = std::max(0.0, 1.0 - 0.25 / cost);
    if (cost < 0.25) CHECK(solution.weights[0] == 0.0);
    CHECK_THAT(solution.weights[0], WithinAbs(w, 1e-11));
    CHECK(solution.weights[1] == 0.0);
    CHECK_THAT(CheckOptimum(problem, solution), WithinRel(w + 2.0 * cost * (1.0 - w) * (1.0 - w), 1e-12));
  }
}

TEST_CASE("L1: the optimum on Iris") {
  // scikit-learn's liblinear at its tightest, to 10 digits or so, and never below ours.
  constexpr std::array<double, 3> kObjective = {1.87208948372357, 101.68858758662054, 18.921223475682403};
  const Dataset iris = LoadIris();
  const std::vector<double> costs(150, 1.0);
  for (std::int32_t c = 0; c < 3; ++c) {
    const std::vector<double> signs = SignsOf(iris, c);
    const BinaryProblem problem{iris.features, signs, costs, 1.0};
    CHECK_THAT(CheckOptimum(problem, Solved(problem)), WithinRel(kObjective[static_cast<std::size_t>(c)], 1e-8));
  }
}

TEST_CASE("L1: any table, cost, intercept and class weight; dense and sparse") {
  struct Shape {
    std::size_t samples, features;
  };
  for (const Shape& shape : {Shape{40, 4}, Shape{24, 40}, Shape{200, 8}}) {
    for (const Trouble trouble : kAllTroubles) {
      const Dataset table = TroubledTable(shape.samples, shape.features, trouble, 71);
      for (const double cost : {1e-4, 1.0, 1e3, 1e6}) {
        for (const double intercept : {0.0, 1.0, 10.0}) {
          if (intercept != 1.0 && cost != 1.0 && cost != 1e6) continue;
          CAPTURE(shape.samples, shape.features, static_cast<int>(trouble), cost, intercept);
          const Given dense(table, cost, intercept, 20.0);
          const BinarySolution solution = Solved(dense.problem());
          const double objective = CheckOptimum(dense.problem(), solution);
          CHECK((intercept != 0.0 || solution.weights.back() == 0.0));
          if (trouble == Trouble::kConstantAndZero) CHECK(solution.weights[2] == 0.0);
          const Given sparse(AsSparse(table), cost, intercept, 20.0);
          CHECK_THAT(CheckOptimum(sparse.problem(), Solved(sparse.problem())), WithinRel(objective, 1e-8));
        }
      }
    }
  }
}

TEST_CASE("L1: features that say nothing get no weight at all") {
  // Two features decide, 30 are noise.
  std::mt19937_64 random(13);
  std::vector<double> values;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 400; ++i) {
    for (int k = 0; k < 32; ++k) values.push_back(Uniform(random));
    const double* const x = values.data() + values.size() - 32;
    labels.push_back(x[3] - x[7] + 0.3 * Uniform(random) > 0 ? 1 : 0);
  }
  const Given given(MakeDataset(32, 2, values, labels), 0.1, 1.0, 1.0);
  const BinarySolution solution = Solved(given.problem());
  CheckOptimum(given.problem(), solution);
  CHECK(solution.weights[3] > 1.0);
  CHECK(solution.weights[7] < -1.0);
  CHECK(std::ranges::count(solution.weights, 0.0) >= 20);
}

TEST_CASE("L1: a large table, from a part of it: the optimum, with the same bits on 1, 2 and 4 threads") {
  const Given large(NoisyTable(12'000, 6, 2, 61), 0.01);
  const BinarySolution alone = Solved(large.problem());
  CheckOptimum(large.problem(), alone);
  for (const unsigned threads : {2u, 4u}) CHECK(Solved(large.problem(), threads).weights == alone.weights);
}

TEST_CASE("L1: many features, sparse: conjugate gradients, with the same bits on 1 and 4 threads") {
  const Given wide(SparseTable(80, 2100, 8, 5), 1.0);
  const BinarySolution alone = Solved(wide.problem());
  CheckOptimum(wide.problem(), alone);
  CHECK(std::ranges::count(alone.weights, 0.0) > 1800);
  CHECK(Solved(wide.problem(), 4).weights == alone.weights);
}

TEST_CASE("L1: on wide tables descent with Newton steps arrives in few passes, with the same bits on 1 and 3 threads") {
  struct Shape {
    std::size_t samples, features, stored;
  };
  for (const Shape& shape : {Shape{100, 300, 0}, Shape{150, 450, 90}, Shape{500, 270, 60}, Shape{600, 3000, 40}}) {
    const Dataset table = shape.stored == 0 ? NoisyTable(shape.samples, shape.features, 2, 3)
                                            : SparseTable(shape.samples, shape.features, shape.stored, 4);
    for (const double cost : {0.02, 0.5}) {
      CAPTURE(shape.samples, shape.features, cost);
      const Given given(table, cost);
      ThreadTeam team(1);
      const L1Descent descent = DescendL1(given.problem(), 1e-12, {team, {}});
      CHECK(descent.done);
      CHECK(descent.point.steps <= 600);
      const BinarySolution solution = Solved(given.problem(), 3);
      CHECK_THAT(CheckOptimum(given.problem(), solution), WithinRel(descent.point.objective, 1e-10));
      CHECK(solution.weights == descent.point.weights);
    }
  }
}

TEST_CASE("L1: descent finds what the proximal method finds: one more feature, of zeros, decides between them") {
  const Dataset table = AsSparse(NoisyTable(300, 256, 2, 12));
  Dataset wider = table;
  std::get<SparseMatrix>(wider.features).columns = 257;
  for (const double cost : {0.02, 1.0}) {
    const Given narrow(table, cost);
    const Given wide(wider, cost);
    const BinarySolution solution = Solved(wide.problem());
    CHECK_THAT(CheckOptimum(wide.problem(), solution),
               WithinRel(CheckOptimum(narrow.problem(), Solved(narrow.problem())), 1e-10));
    CHECK(solution.weights[256] == 0.0);
  }
}

TEST_CASE("L1: what is left to gain falls, also where a part of the table comes first") {
  for (const Dataset& table : {NoisyTable(100, 4, 2, 2), NoisyTable(12'000, 6, 2, 61), NoisyTable(50, 300, 2, 5)}) {
    const Given given(table, 1.0);
    ThreadTeam team(1);
    double left = 1.0;
    const SolverRun run{team, [&](std::int64_t, double now) {
                          CHECK(now <= left);
                          left = now;
                        }};
    REQUIRE(SolveL1(given.problem(), run));
    CHECK(left < 1e-8);
  }
}

TEST_CASE("L1: what overflows is refused") {
  const Given huge(MakeDataset(1, 2, {1e200, -1e200, 1e180, 2e200}, {0, 1, 0, 1}), 1.0);
  ThreadTeam team(1);
  const Result<BinarySolution> refused = SolveL1(huge.problem(), {team, {}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kBadData);
}

}  // namespace
}  // namespace iris
