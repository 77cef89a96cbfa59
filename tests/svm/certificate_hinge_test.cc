// SPDX-License-Identifier: Apache-2.0

#include "src/svm/certificate_hinge.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/svm/hinge.h"
#include "tests/svm/naive.h"

namespace iris {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

Certificate Certify(const BinaryProblem& problem, const BinarySolution& solution) {
  ThreadTeam team(1);
  return CertifyHinge(problem, solution, team);
}

TEST_CASE("hinge certificate: worked out by hand") {
  // x = 1 (s = +1, C = 1) and x = −1 (s = −1, C = 5), β = 2, w̃ = (½, −¼): decisions 0 and −1, r = (1, 0).
  const Matrix x = DenseMatrix{1, {1, -1}};
  const std::vector<double> s{1, -1};
  const std::vector<double> costs{1, 5};
  const BinaryProblem problem{x, s, costs, 2.0};
  const std::vector<double> w{0.5, -0.25};
  // α = (1, 2): Σ α s x̃ = (1 + 2, 2 − 4).
  const Certificate c = Certify(problem, {.weights = w, .dual = {1, 2}, .rounded_off = {}, .steps = 7});
  CHECK(c.objective == 0.15625 + 1.0);
  CHECK(c.dual_objective == 3.0 - 6.5);
  CHECK(c.duality_gap == c.objective - c.dual_objective);
  CHECK(c.violation == 2.5);  // ½ − 3
  CHECK(c.support_vectors == 2);
  CHECK(c.steps == 7);
  // Outside its box, or not a number: clamped. α = (1, 0): Σ = (1, 2); r₁ = 1 with α₁ = C₁ and r₂ = 0 are as they
  // should.
  const Certificate clamped = Certify(problem, {.weights = w, .dual = {9, -3}, .rounded_off = {}, .steps = 0});
  CHECK(clamped.dual_objective == 1.0 - 2.5);
  CHECK(clamped.violation == 2.25);
  const Certificate nothing =
      Certify(problem, {.weights = w, .dual = {std::nan(""), 0}, .rounded_off = {}, .steps = 0});
  CHECK(nothing.dual_objective == 0.0);
  CHECK(nothing.support_vectors == 0);
  CHECK(Certify(problem, {.weights = w, .dual = {}, .rounded_off = {}, .steps = 0}).dual_objective == 0.0);
}

TEST_CASE("hinge certificate: bounds everywhere, as the naive code has them; leaving the optimum shows") {
  std::mt19937_64 random(8);
  const Given given(TroubledTable(70, 6, Trouble::kNone, 6), 0.8, 3.0);
  const Given sparse(AsSparse(given.table), 0.8, 3.0);
  ThreadTeam team(1);
  const BinarySolution best = SolveHinge(given.problem(), {team, {}}).value();
  const double optimum = Certify(given.problem(), best).objective;
  CHECK(Certify(given.problem(), best).violation < 1e-6);
  for (int round = 0; round < 60; ++round) {
    BinarySolution other = best;
    const double change = std::pow(10.0, -0.1 * round);
    if (round % 2 == 0) {
      for (double& w : other.weights) w += change * Uniform(random);
    } else {
      for (double& a : other.dual) a = std::max(0.0, a + change * Uniform(random));
    }
    const Certificate c = Certify(given.problem(), other);
    const NaiveBounds naive = NaiveHinge(given.problem(), other);
    CHECK_THAT(c.objective, WithinRel(naive.primal, 1e-14));
    CHECK_THAT(c.dual_objective, WithinRel(naive.dual, 1e-13));
    CHECK(c.objective >= optimum * (1.0 - 1e-12));
    CHECK(c.dual_objective <= optimum);
    CHECK(c.duality_gap > Certify(given.problem(), best).duality_gap);
    CHECK(c.violation > 1e-2 * change / 70.0);
    CHECK_THAT(Certify(sparse.problem(), other).duality_gap, WithinRel(c.duality_gap, 1e-12));
  }
}

TEST_CASE("hinge certificate: it does not depend on the number of threads") {
  const Given given(NoisyTable(40'000, 9, 2, 5), 0.1);
  BinarySolution somewhere{.weights = std::vector<double>(10, 0.125), .dual = {}, .rounded_off = {}, .steps = 0};
  for (std::size_t i = 0; i < 40'000; ++i) somewhere.dual.push_back(0.1 * static_cast<double>(i % 7) / 7.0);
  const Certificate alone = Certify(given.problem(), somewhere);
  for (const unsigned threads : {2u, 3u, 7u}) {
    ThreadTeam team(threads);
    CHECK(CertifyHinge(given.problem(), somewhere, team) == alone);
  }
}

}  // namespace
}  // namespace iris
