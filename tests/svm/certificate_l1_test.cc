// SPDX-License-Identifier: Apache-2.0

#include "src/svm/certificate_l1.h"

#include <cmath>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/svm/l1.h"
#include "tests/svm/naive.h"

namespace iris {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

Certificate Certify(const BinaryProblem& problem, const BinarySolution& solution) {
  ThreadTeam team(1);
  return CertifyL1(problem, solution, team);
}

TEST_CASE("L1 certificate: worked out by hand") {
  // x = 1 (s = +1, C = 1) and x = −1 (s = −1, C = 5), β = 2, w̃ = (½, −¼): decisions 0 and −1, r = (1, 0), α = (2, 0),
  // Σ α s x̃ = (2, 4): a quarter of α is in the box, D = ½ − ¼ · ¼.
  const Matrix x = DenseMatrix{1, {1, -1}};
  const std::vector<double> s{1, -1};
  const std::vector<double> costs{1, 5};
  const BinaryProblem problem{x, s, costs, 2.0};
  const Certificate c = Certify(problem, {.weights = {0.5, -0.25}, .dual = {}, .rounded_off = {}, .steps = 7});
  CHECK(c.objective == 0.75 + 1.0);
  CHECK_THAT(c.dual_objective, WithinRel(0.5 - 0.0625, 1e-15));
  CHECK_THAT(c.duality_gap, WithinRel(1.75 - 0.4375, 1e-15));
  CHECK(c.violation == 5.0);  // 4 where the sign of −¼ asks for −1
  CHECK(c.support_vectors == 1);
  CHECK(c.steps == 7);
  // At w̃ = 0 only what leaves the box violates: Σ α s x̃ = (2 + 10, 4 − 20).
  CHECK(Certify(problem, {.weights = {0, 0}, .dual = {}, .rounded_off = {}, .steps = 0}).violation == 15.0);
}

TEST_CASE("L1 certificate: bounds everywhere, as the naive code has them; leaving the optimum shows") {
  std::mt19937_64 random(8);
  const Given given(TroubledTable(70, 6, Trouble::kNone, 6), 0.8, 3.0);
  const Given sparse(AsSparse(given.table), 0.8, 3.0);
  ThreadTeam team(1);
  const BinarySolution best = SolveL1(given.problem(), {team, {}}).value();
  const Certificate at_best = Certify(given.problem(), best);
  CHECK(at_best.violation < 1e-6);
  for (int round = 0; round < 60; ++round) {
    BinarySolution other = best;
    const double change = std::pow(10.0, -0.1 * round);
    for (double& w : other.weights) w += change * Uniform(random);
    other.rounded_off.clear();
    const Certificate c = Certify(given.problem(), other);
    const NaiveBounds naive = NaiveL1(given.problem(), other);
    CHECK_THAT(c.objective, WithinRel(naive.primal, 1e-14));
    CHECK(c.dual_objective >= naive.dual - 1e-12 * naive.primal);  // it may scale α further, where that is better
    CHECK(c.objective > at_best.objective);
    CHECK(c.dual_objective <= at_best.objective);
    CHECK(c.duality_gap > at_best.duality_gap);
    CHECK(c.violation > 1e-3 * change);
    CHECK_THAT(Certify(sparse.problem(), other).duality_gap, WithinRel(c.duality_gap, 1e-12));
  }
}

TEST_CASE("L1 certificate: weights in two parts give the dual point of their sum, and the primal of the first") {
  const Given given(TroubledTable(60, 5, Trouble::kNone, 4), 2.0);
  ThreadTeam team(1);
  BinarySolution whole = SolveL1(given.problem(), {team, {}}).value();
  whole.rounded_off.clear();
  BinarySolution split = whole;
  split.rounded_off.assign(split.weights.size(), 0.0);
  for (std::size_t k = 0; k < split.weights.size(); ++k) {
    split.weights[k] = static_cast<double>(static_cast<float>(whole.weights[k]));
    split.rounded_off[k] = whole.weights[k] - split.weights[k];
  }
  const Certificate a = Certify(given.problem(), whole);
  const Certificate b = Certify(given.problem(), split);
  CHECK_THAT(b.dual_objective, WithinRel(a.dual_objective, 1e-15));
  CHECK(b.objective > a.objective);
  CHECK_THAT(b.objective, WithinRel(NaiveL1(given.problem(), split).primal, 1e-15));
}

TEST_CASE("L1 certificate: it does not depend on the number of threads") {
  const Given given(NoisyTable(20'000, 9, 2, 5), 0.1);
  const BinarySolution somewhere{.weights = std::vector<double>(10, 0.125), .dual = {}, .rounded_off = {}, .steps = 0};
  const Certificate alone = Certify(given.problem(), somewhere);
  for (const unsigned threads : {2u, 3u, 7u}) {
    ThreadTeam team(threads);
    CHECK(CertifyL1(given.problem(), somewhere, team) == alone);
  }
}

}  // namespace
}  // namespace iris
