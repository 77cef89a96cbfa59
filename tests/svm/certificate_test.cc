// SPDX-License-Identifier: Apache-2.0

#include "src/svm/certificate.h"

#include <cmath>
#include <utility>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/dataset/iris.h"
#include "src/svm/double_double.h"
#include "src/svm/newton.h"
#include "tests/svm/tables.h"

namespace iris {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("a certificate worked out by hand") {
  // One feature, x = 2 (s = +1) and x = 1 (s = −1), C = 3, w = ½, b = ¼.
  const std::vector<double> x{2, 1};
  const std::vector<double> s{1, -1};
  const std::vector<double> w{0.5};
  const Certificate c = Certify({x, s, 1, 3.0}, w, 0.25, {}, 4);
  // r = (−¼, 1¾): only the second is active; P = ½(¼ + 1/16) + 3 · 3.0625; α₂ = 2C r₂ = 10.5, Σ α s x̃ = −(10.5, 10.5);
  // D = 10.5 − 10.5²/12 − 10.5²; ∇P = (½ + 10.5, ¼ + 10.5).
  CHECK(c.objective == 9.34375);
  CHECK(c.dual_objective == 10.5 - 9.1875 - 110.25);
  CHECK(c.duality_gap == 9.34375 + 108.9375);
  CHECK_THAT(c.gradient_norm, WithinRel(std::sqrt(11.0 * 11.0 + 10.75 * 10.75), 1e-15));
  CHECK(c.support_vectors == 1);
  CHECK(c.steps == 4);
}

TEST_CASE("gap and gradient check each other anywhere: P − D = ½‖∇P‖²") {
  std::mt19937_64 random(17);
  const Dataset table = NoisyTable(80, 6, 2, 2);
  const std::vector<double> signs = SignsOf(table, 1);
  for (const double cost : {1e-3, 1.0, 1e4}) {
    const BinaryProblem problem{table.features, signs, 6, cost};
    for (int i = 0; i < 20; ++i) {
      std::vector<double> w(6);
      for (double& component : w) component = Uniform(random);
      const Certificate c = Certify(problem, w, Uniform(random), {}, 0);
      CHECK_THAT(c.duality_gap, WithinRel(0.5 * c.gradient_norm * c.gradient_norm, 1e-13));
      CHECK_THAT(c.objective - c.dual_objective, WithinRel(c.duality_gap, 1e-9));
      CHECK(c.dual_objective < c.objective);
    }
  }
}

TEST_CASE("the optimum lies between dual and primal of any other point, and leaving it shows") {
  const Dataset iris = LoadIris();
  for (const std::int32_t positive : {0, 1, 2}) {
    const std::vector<double> signs = SignsOf(iris, positive);
    const BinaryProblem problem{iris.features, signs, 4, 1.0};
    const NewtonSolution best = SolveSquaredHinge(problem).value();
    const Certificate at_best = Certify(problem, best.weights, best.bias, {}, 0);
    CHECK(std::abs(at_best.duality_gap) <= 1e-20 * at_best.objective);
    for (std::size_t k = 0; k < 5; ++k) {
      for (const double change : {1e-6, -1e-6, 1e-2, -1.0}) {
        NewtonSolution other = best;
        (k < 4 ? other.weights[k] : other.bias) += change;
        const Certificate c = Certify(problem, other.weights, other.bias, {}, 0);
        CHECK(c.objective > at_best.objective);
        // P is 1-strongly convex: ‖∇P‖ ≥ the distance from the optimum.
        CHECK(c.gradient_norm >= 0.999 * std::abs(change));
        CHECK(c.dual_objective <= at_best.objective);
        CHECK(c.duality_gap > at_best.duality_gap);
      }
    }
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
