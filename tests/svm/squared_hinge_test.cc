// SPDX-License-Identifier: Apache-2.0
//
// The three solvers of the squared hinge, each on what it is for and all on the same.

#include "src/svm/squared_hinge.h"

#include <cmath>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/svm/certificate.h"
#include "src/svm/cost_path.h"
#include "src/svm/dual_newton.h"
#include "src/svm/newton.h"
#include "src/svm/subsample.h"
#include "src/svm/truncated_newton.h"
#include "tests/svm/naive.h"

namespace iris {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

/// Relative gap of a solution, by the certificate.
double RelativeGap(const BinaryProblem& problem, const BinarySolution& solution) {
  ThreadTeam team(1);
  const Certificate c = CertifySquaredHinge(problem, solution, team);
  CHECK_THAT(c.objective, WithinRel(NaiveSquaredHinge(problem, solution.weights).objective, 1e-13));
  return c.duality_gap / c.objective;
}

void CheckSameOptimum(const BinarySolution& a, const BinarySolution& b, double tolerance) {
  REQUIRE(a.weights.size() == b.weights.size());
  double largest = 0.0;
  for (const double w : a.weights) largest = std::max(largest, std::abs(w));
  for (std::size_t k = 0; k < a.weights.size(); ++k) {
    CHECK_THAT(a.weights[k] - b.weights[k], WithinAbs(0.0, tolerance * largest));
  }
}

TEST_CASE("Newton, conjugate gradients and the dual find the same optimum") {
  struct Shape {
    std::size_t samples, features;
  };
  ThreadTeam team(2);
  const SolverRun run{team, {}};
  for (const Shape& shape : {Shape{40, 90}, Shape{200, 12}, Shape{60, 60}}) {
    for (const double cost : {1e-4, 1.0, 100.0}) {
      for (const double intercept : {0.0, 1.0, 20.0}) {
        CAPTURE(shape.samples, shape.features, cost, intercept);
        const Given given(NoisyTable(shape.samples, shape.features, 2, 41), cost, intercept);
        const Given sparse(AsSparse(given.table), cost, intercept);
        const BinarySolution newton = SolveByNewton(given.problem(), {}, run).value();
        CHECK(RelativeGap(given.problem(), newton) < 1e-20);
        CHECK((intercept != 0.0 || newton.weights.back() == 0.0));
        const TruncatedNewtonResult truncated = SolveByTruncatedNewton(given.problem(), {}, 100000, run);
        CHECK(truncated.converged);
        CHECK(RelativeGap(given.problem(), truncated.solution) < 1e-16);
        CheckSameOptimum(newton, truncated.solution, 1e-6);
        const BinarySolution dual = SolveByDualNewton(given.problem(), run).value();
        CHECK(RelativeGap(given.problem(), dual) < 1e-16);
        CheckSameOptimum(newton, dual, 1e-9);

        // The same table stored sparse.
        const BinarySolution sparse_newton = SolveByNewton(sparse.problem(), {}, run).value();
        CHECK(RelativeGap(sparse.problem(), sparse_newton) < 1e-20);
        CheckSameOptimum(newton, sparse_newton, 1e-11);
        CHECK(SolveByTruncatedNewton(sparse.problem(), {}, 100000, run).converged);
        CheckSameOptimum(newton, SolveByDualNewton(sparse.problem(), run).value(), 1e-9);
      }
    }
  }
}

TEST_CASE("many features, sparse: conjugate gradients reach the certificate") {
  for (const double cost : {1e-2, 1.0, 30.0}) {
    CAPTURE(cost);
    const Given given(SparseTable(900, 1500, 15, 8), cost);
    ThreadTeam team(2);
    CHECK(RelativeGap(given.problem(), SolveSquaredHinge(given.problem(), {team, {}}).value()) < 1e-15);
  }
}

TEST_CASE("many features, few samples: the dual, at any cost") {
  for (const double cost : {1e-4, 1.0, 1e6}) {
    CAPTURE(cost);
    const Given given(NoisyTable(50, 3000, 2, 8), cost);
    ThreadTeam team(2);
    const BinarySolution solution = SolveSquaredHinge(given.problem(), {team, {}}).value();
    CHECK(solution.dual.size() == 50);
    CHECK(RelativeGap(given.problem(), solution) < 1e-13);
    const Given sparse(SparseTable(60, 3000, 30, 8), cost);
    CHECK(RelativeGap(sparse.problem(), SolveSquaredHinge(sparse.problem(), {team, {}}).value()) < 1e-13);
  }
}

TEST_CASE("where conjugate gradients or the dual fail, Newton has the last word") {
  // Nearly collinear features at a high cost; and sizes from 1e-6 to 1e6.
  for (const std::size_t samples : {60u, 280u}) {
    for (const bool collinear : {false, true}) {
      CAPTURE(samples, collinear);
      constexpr std::size_t kFeatures = 260;
      Dataset table = NoisyTable(samples, kFeatures, 2, 22);
      for (std::size_t j = 0; j < ValuesOf(table).size(); ++j) {
        const std::size_t k = j % kFeatures;
        double& x = ValuesOf(table)[j];
        if (collinear) {
          if (k > 0) x = ValuesOf(table)[j - k] + 1e-5 * x;
        } else {
          x *= std::pow(10.0, 12.0 * static_cast<double>(k) / (kFeatures - 1) - 6.0);
        }
      }
      const Given given(std::move(table), 1e6);
      ThreadTeam team(2);
      CHECK(RelativeGap(given.problem(), SolveSquaredHinge(given.problem(), {team, {}}).value()) < 1e-10);
    }
  }
}

TEST_CASE("along a path of costs: the same optimum, in fewer steps where the classes can nearly be separated") {
  ThreadTeam team(2);
  const SolverRun run{team, {}};
  for (const double cost : {1e-6, 1.0, 1e6}) {
    CAPTURE(cost);
    const Given given(NoisyTable(300, 120, 2, 51), cost);
    const BinarySolution straight = SolveByNewton(given.problem(), {}, run).value();
    const BinarySolution by_path = SolveAlongCosts(given.problem(), SolveByNewton, run).value();
    CHECK(RelativeGap(given.problem(), by_path) < 1e-13);
    CheckSameOptimum(straight, by_path, 1e-7);
    if (cost == 1e6) CHECK(by_path.steps < straight.steps);
  }
}

TEST_CASE("a bound on steps ends the search with an error, and a share that is enough with a rough optimum") {
  ThreadTeam team(1);
  const SolverRun run{team, {}};
  const Given given(NoisyTable(300, 120, 2, 51), 1.0);
  const Result<BinarySolution> stopped = SolveByNewton(given.problem(), {{}, 0.0, 2}, run);
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().code == ErrorCode::kCheckFailed);
  CHECK(stopped.error().message.contains("no optimum within 2 Newton steps"));
  const BinarySolution exact = SolveByNewton(given.problem(), {}, run).value();
  const BinarySolution rough = SolveByNewton(given.problem(), {{}, 1e-2}, run).value();
  CHECK(rough.steps < exact.steps);
  CHECK(RelativeGap(given.problem(), rough) > 1e-12);
  CHECK_FALSE(SolveByTruncatedNewton(given.problem(), {}, 3, run).converged);
}

TEST_CASE("nothing to learn from: all values 0, with and without an intercept") {
  ThreadTeam team(1);
  const SolverRun run{team, {}};
  for (const std::size_t features : {3u, 400u}) {
    for (const double intercept : {0.0, 1.0}) {
      const Given given(MakeDataset(features, 2, std::vector<double>(1000 * features), std::vector<std::int32_t>(1000)),
                        1.0, intercept);
      const Given sparse(AsSparse(given.table), 1.0, intercept);
      for (const Given* const g : {&given, &sparse}) {
        const BinarySolution solution = SolveSquaredHinge(g->problem(), run).value();
        CHECK(std::abs(RelativeGap(g->problem(), solution)) < 1e-18);
        CHECK(solution.weights.front() == 0.0);
        CHECK((intercept == 0.0 ? solution.weights.back() == 0.0 : solution.weights.back() < -0.99));
      }
    }
  }
}

TEST_CASE("the same bits on 1, 2 and 4 threads, by every solver") {
  const auto weights_of = [](const BinaryProblem& problem, unsigned threads, int solver) {
    ThreadTeam team(threads);
    const SolverRun run{team, {}};
    switch (solver) {
      case 0: return SolveByNewton(problem, {SolveSubsample(problem, run), 0.0}, run).value().weights;
      case 1: return SolveByTruncatedNewton(problem, {}, 100000, run).solution.weights;
      default: return SolveByDualNewton(problem, run).value().weights;
    }
  };
  const Given tall(NoisyTable(51'000, 20, 2, 1), 0.01);  // enough for a subsample
  const Given sparse(SparseTable(4000, 500, 20, 2), 0.1);
  const Given wide(NoisyTable(120, 400, 2, 3), 1.0);
  {
    ThreadTeam team(1);
    REQUIRE_FALSE(SolveSubsample(tall.problem(), {team, {}}).empty());
  }
  for (const auto& [given, solver] :
       {std::pair{&tall, 0}, {&tall, 1}, {&sparse, 1}, {&wide, 0}, {&wide, 1}, {&wide, 2}}) {
    CAPTURE(solver, given->table.samples());
    const std::vector<double> alone = weights_of(given->problem(), 1, solver);
    for (const unsigned threads : {2u, 4u}) CHECK(weights_of(given->problem(), threads, solver) == alone);
  }
}

TEST_CASE("a start near the optimum changes nothing") {
  const Given given(NoisyTable(60'000, 20, 2, 6), 1.0);
  ThreadTeam team(2);
  const SolverRun run{team, {}};
  const std::vector<double> start = SolveSubsample(given.problem(), run);
  REQUIRE(start.size() == 21);
  const BinarySolution from_there = SolveByNewton(given.problem(), {start, 0.0}, run).value();
  const BinarySolution from_zero = SolveByNewton(given.problem(), {}, run).value();
  CheckSameOptimum(from_there, from_zero, 1e-13);
  CHECK(SolveSubsample(Given(NoisyTable(500, 3, 2, 6), 1.0).problem(), run).empty());
}

TEST_CASE("progress is told step by step") {
  const Given given(NoisyTable(300, 9, 2, 6), 10.0);
  const Given sparse(SparseTable(2000, 4000, 20, 8), 1.0);
  for (const Given* const g : {&given, &sparse}) {
    ThreadTeam team(1);
    std::int64_t last = 0;
    double first = 0.0;
    double left = 0.0;
    const SolverRun run{team, [&](std::int64_t step, double now) {
                          CHECK(step == last + 1);
                          last = step;
                          left = now;
                          if (step == 1) first = now;
                        }};
    const BinarySolution solution = SolveSquaredHinge(g->problem(), run).value();
    CHECK(last >= solution.steps);
    CHECK(left < 1e-3 * first);
  }
}

}  // namespace
}  // namespace iris
