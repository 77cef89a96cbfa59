// SPDX-License-Identifier: Apache-2.0

#include "src/svm/line_search.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch_amalgamated.hpp"
#include "tests/svm/tables.h"

namespace iris {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

double SlopeAt(const SearchLine& line, double t) {
  double slope = line.weights_dot_step + t * line.step_dot_step;
  for (std::size_t i = 0; i < line.residuals.size(); ++i) {
    const double fall = line.residuals[i] - line.residuals_at_one[i];
    slope -= 2 * line.cost * fall * std::max(0.0, line.residuals[i] - t * fall);
  }
  return slope;
}

TEST_CASE("one piece: the minimum of a parabola") {
  const std::vector<double> at_zero{1};
  const std::vector<double> at_one{0.5};
  // ½ t² + (1 − t/2)²: slope t − (1 − t/2) = 0 at t = 2/3.
  CHECK_THAT(ExactLineSearch({1.0, 0.0, 1.0, at_zero, at_one}), WithinRel(2.0 / 3.0, 1e-15));
}

TEST_CASE("a residual that turns negative, and one that turns positive") {
  const std::vector<double> at_zero{0.1, -1};
  const std::vector<double> at_one{-0.9, 1};
  // Slope: −2t' … up to t = 0.1 the first is active, from t = 0.5 the second: 4(2t − 1)·… = 10 − t there.
  // ½ t² − 10 t + (0.1 − t)²₊ + (2t − 1)²₊: slope t − 10 + 4(2t − 1) = 0 at t = 14/9.
  CHECK_THAT(ExactLineSearch({1.0, -10.0, 1.0, at_zero, at_one}), WithinRel(14.0 / 9.0, 1e-15));
}

TEST_CASE("a sample exactly on the margin counts from the start when it becomes active") {
  const std::vector<double> at_zero{0, 0};
  const std::vector<double> at_one{1, -1};
  // ½ t² − 3 t + t²: slope 3t − 3.
  CHECK_THAT(ExactLineSearch({1.0, -3.0, 1.0, at_zero, at_one}), WithinRel(1.0, 1e-15));
}

TEST_CASE("the slope vanishes where the search ends") {
  std::mt19937_64 random(33);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> at_zero(50);
    std::vector<double> at_one(50);
    for (double& r : at_zero) r = Uniform(random);
    for (double& r : at_one) r = 3 * Uniform(random);
    SearchLine line{2.0, 0.0, 0.5, at_zero, at_one};
    line.weights_dot_step = -SlopeAt(line, 0.0) - 5.0;  // downhill at 0, whatever the residuals do
    REQUIRE(SlopeAt(line, 0.0) < 0.0);
    const double t = ExactLineSearch(line);
    CHECK(t > 0.0);
    CHECK_THAT(SlopeAt(line, t), WithinAbs(0.0, 1e-10));
  }
}

}  // namespace
}  // namespace iris
