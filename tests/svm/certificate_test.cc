// SPDX-License-Identifier: Apache-2.0

#include "src/svm/certificate.h"

#include <cmath>
#include <utility>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/dataset/iris.h"
#include "src/svm/double_double.h"
#include "src/svm/squared_hinge.h"
#include "tests/svm/tables.h"

namespace iris {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

Certificate Certify(const BinaryProblem& problem, const BinarySolution& solution) {
  ThreadTeam team(1);
  return CertifySquaredHinge(problem, solution, team);
}

TEST_CASE("a certificate worked out by hand") {
  // One feature, x = 2 (s = +1) and x = 1 (s = −1), C = 3, w = ½, b = ¼.
  const Matrix x = DenseMatrix{1, {2, 1}};
  const std::vector<double> s{1, -1};
  const std::vector<double> costs{3, 3};
  const Certificate c = Certify({x, s, costs}, {.weights = {0.5, 0.25}, .dual = {}, .rounded_off = {}, .steps = 4});
  // r = (−¼, 1¾): only the second is active; P = ½(¼ + 1/16) + 3 · 3.0625; α₂ = 2C r₂ = 10.5, Σ α s x̃ = −(10.5, 10.5);
  // D = 10.5 − 10.5²/12 − 10.5²; ∇P = (½ + 10.5, ¼ + 10.5).
  CHECK(c.objective == 9.34375);
  CHECK(c.dual_objective == 10.5 - 9.1875 - 110.25);
  CHECK(c.duality_gap == 9.34375 + 108.9375);
  CHECK_THAT(c.violation, WithinRel(std::sqrt(11.0 * 11.0 + 10.75 * 10.75), 1e-15));
  CHECK(c.support_vectors == 1);
  CHECK(c.steps == 4);
}

TEST_CASE("costs, the constant feature and a given dual point, worked out by hand") {
  // x = 1 (s = +1, C = 1) and x = −1 (s = −1, C = 5), β = 2, w̃ = (½, −¼): decisions 0 and −1, r = (1, 0).
  const Matrix x = DenseMatrix{1, {1, -1}};
  const std::vector<double> s{1, -1};
  const std::vector<double> costs{1, 5};
  const BinaryProblem problem{x, s, costs, 2.0};
  const Certificate follows = Certify(problem, {.weights = {0.5, -0.25}, .dual = {}, .rounded_off = {}, .steps = 0});
  CHECK(follows.objective == 0.15625 + 1.0);
  // α = (2, 0): Σ α s x̃ = (2, 4).
  CHECK(follows.dual_objective == 2.0 - 1.0 - 10.0);
  CHECK_THAT(follows.violation, WithinRel(std::sqrt(1.5 * 1.5 + 4.25 * 4.25), 1e-15));

  // α = (1, 2), and a negative and a NaN count as 0 below: Σ α s x̃ = (1 + 2, 2 − 4).
  const Certificate given = Certify(problem, {.weights = {0.5, -0.25}, .dual = {1, 2}, .rounded_off = {}, .steps = 0});
  CHECK(given.objective == 1.15625);
  CHECK_THAT(given.dual_objective, WithinRel(3.0 - (0.25 + 0.2) - 6.5, 1e-15));
  CHECK(given.violation == follows.violation);
  CHECK(given.support_vectors == 2);
  const Certificate bad =
      Certify(problem, {.weights = {0.5, -0.25}, .dual = {-1, std::nan("")}, .rounded_off = {}, .steps = 0});
  CHECK(bad.dual_objective == 0.0);
  CHECK(bad.support_vectors == 0);
}

TEST_CASE("gap and gradient check each other anywhere: P − D = ½‖∇P‖²") {
  std::mt19937_64 random(17);
  const Dataset table = NoisyTable(80, 7, 2, 2);
  const Dataset sparse = AsSparse(table);
  const std::vector<double> signs = SignsOf(table, 1);
  for (const double cost : {1e-3, 0.7, 1e4}) {
    std::vector<double> costs(80, cost);
    for (std::size_t i = 0; i < 80; i += 3) costs[i] *= 1.7;
    const BinaryProblem problem{table.features, signs, costs, 0.3};
    for (int i = 0; i < 20; ++i) {
      BinarySolution somewhere;
      for (int k = 0; k < 8; ++k) somewhere.weights.push_back(Uniform(random));
      const Certificate c = Certify(problem, somewhere);
      CHECK_THAT(c.duality_gap, WithinRel(0.5 * c.violation * c.violation, 1e-13));
      CHECK_THAT(c.objective - c.dual_objective, WithinRel(c.duality_gap, 1e-9));
      CHECK(c.dual_objective < c.objective);
      const NaiveValues naive = NaiveSquaredHinge(problem, somewhere.weights);
      CHECK_THAT(c.objective, WithinRel(naive.objective, 1e-15));
      CHECK_THAT(c.dual_objective, WithinRel(naive.dual_objective, 1e-14));
      const Certificate of_sparse = Certify({sparse.features, signs, costs, 0.3}, somewhere);
      CHECK_THAT(of_sparse.duality_gap, WithinRel(c.duality_gap, 1e-14));
      CHECK(of_sparse.support_vectors == c.support_vectors);

      // The dual point that follows from the weights, given: the same; and from weights that go in two parts.
      BinarySolution split = somewhere;
      split.rounded_off.assign(8, 0.0);
      for (std::size_t k = 0; k < 8; ++k) {
        split.weights[k] = static_cast<double>(static_cast<float>(somewhere.weights[k]));
        split.rounded_off[k] = somewhere.weights[k] - split.weights[k];
      }
      CHECK_THAT(Certify(problem, split).dual_objective, WithinRel(c.dual_objective, 1e-15));
    }
  }
}

TEST_CASE("any dual point proves a bound: none lies above the optimum") {
  std::mt19937_64 random(3);
  const Dataset table = NoisyTable(60, 4, 2, 12);
  const std::vector<double> signs = SignsOf(table, 1);
  const std::vector<double> costs(60, 2.0);
  const BinaryProblem problem{table.features, signs, costs, 1.0};
  ThreadTeam team(1);
  BinarySolution best = SolveSquaredHinge(problem, {team, {}}).value();
  const double optimum = Certify(problem, best).objective;
  for (int round = 0; round < 50; ++round) {
    best.dual.clear();
    for (int i = 0; i < 60; ++i) best.dual.push_back(std::max(0.0, Uniform(random)) * round);
    const Certificate c = Certify(problem, best);
    CHECK(c.objective == optimum);
    CHECK(c.dual_objective <= optimum);
    CHECK(c.duality_gap >= 0.0);
  }
}

TEST_CASE("the optimum lies between dual and primal of any other point, and leaving it shows") {
  const Dataset iris = LoadIris();
  ThreadTeam team(1);
  for (const std::int32_t positive : {0, 1, 2}) {
    const std::vector<double> signs = SignsOf(iris, positive);
    const std::vector<double> costs(150, 1.0);
    const BinaryProblem problem{iris.features, signs, costs, 1.0};
    const BinarySolution best = SolveSquaredHinge(problem, {team, {}}).value();
    const Certificate at_best = Certify(problem, best);
    CHECK(std::abs(at_best.duality_gap) <= 1e-20 * at_best.objective);
    for (std::size_t k = 0; k < 5; ++k) {
      for (const double change : {1e-6, -1e-6, 1e-2, -1.0}) {
        BinarySolution other = best;
        other.weights[k] += change;
        const Certificate c = Certify(problem, other);
        CHECK(c.objective > at_best.objective);
        // P is 1-strongly convex: ‖∇P‖ ≥ the distance from the optimum.
        CHECK(c.violation >= 0.999 * std::abs(change));
        CHECK(c.dual_objective <= at_best.objective);
        CHECK(c.duality_gap > at_best.duality_gap);
      }
    }
  }
}

TEST_CASE("a certificate does not depend on the number of threads") {
  const Dataset table = NoisyTable(40'000, 9, 2, 5);
  const std::vector<double> signs = SignsOf(table, 1);
  const std::vector<double> costs(40'000, 0.1);
  const BinaryProblem problem{table.features, signs, costs, 1.0};
  const BinarySolution somewhere{.weights = std::vector<double>(10, 0.125), .dual = {}, .rounded_off = {}, .steps = 0};
  const Certificate alone = Certify(problem, somewhere);
  for (const unsigned threads : {2u, 3u, 7u}) {
    ThreadTeam team(threads);
    CHECK(CertifySquaredHinge(problem, somewhere, team) == alone);
  }
}

TEST_CASE("sums in twice the precision keep what doubles lose") {
  DoubleDouble sum;
  sum.Add(1e16);
  sum.Add(1.0);
  sum.Add(-1e16);
  CHECK(sum.value() == 1.0);
  DoubleDouble product;
  product.AddProduct(1.0 + 0x1p-30, 1.0 - 0x1p-30);  // 1 − 2⁻⁶⁰
  product.Add(-1.0);
  CHECK(product.value() == -0x1p-60);
  DoubleDouble nested;
  nested.AddProduct(3.0, product);
  CHECK(nested.value() == -3.0 * 0x1p-60);
}

}  // namespace
}  // namespace iris
