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

/// A line as the test writes it down: one cost, and w̃·d instead of the slope.
struct Line {
  double cost = 1.0;
  double weights_dot_step = 0.0;
  double step_dot_step = 0.0;
  std::vector<double> at_zero;
  std::vector<double> at_one;

  double SlopeAt(double t) const {
    double slope = weights_dot_step + t * step_dot_step;
    for (std::size_t i = 0; i < at_zero.size(); ++i) {
      const double fall = at_zero[i] - at_one[i];
      slope -= 2 * cost * fall * std::max(0.0, at_zero[i] - t * fall);
    }
    return slope;
  }

  double Search(unsigned threads = 1) const {
    const std::vector<double> costs(at_zero.size(), cost);
    ThreadTeam team(threads);
    const SampleBlocks blocks(DenseMatrix{8, std::vector<double>(8 * at_zero.size())});
    return ExactLineSearch({SlopeAt(0.0), step_dot_step, costs, at_zero, at_one}, blocks, team);
  }
};

TEST_CASE("one piece: the minimum of a parabola") {
  // ½ t² + (1 − t/2)²: slope t − (1 − t/2) = 0 at t = 2/3.
  CHECK_THAT((Line{1.0, 0.0, 1.0, {1}, {0.5}}.Search()), WithinRel(2.0 / 3.0, 1e-15));
}

TEST_CASE("a residual that turns negative, and one that turns positive") {
  // Slope: −2t' … up to t = 0.1 the first is active, from t = 0.5 the second: 4(2t − 1)·… = 10 − t there.
  // ½ t² − 10 t + (0.1 − t)²₊ + (2t − 1)²₊: slope t − 10 + 4(2t − 1) = 0 at t = 14/9.
  CHECK_THAT((Line{1.0, -10.0, 1.0, {0.1, -1}, {-0.9, 1}}.Search()), WithinRel(14.0 / 9.0, 1e-15));
}

TEST_CASE("a sample exactly on the margin counts from the start when it becomes active") {
  // ½ t² − 3 t + t²: slope 3t − 3.
  CHECK_THAT((Line{1.0, -3.0, 1.0, {0, 0}, {1, -1}}.Search()), WithinRel(1.0, 1e-15));
}

TEST_CASE("far away, close by, and at a kink") {
  // One piece whose minimum is at t = 10⁶, and one at 10⁻⁶.
  CHECK_THAT((Line{1.0, -1e6, 1.0, {-1}, {-1}}.Search()), WithinRel(1e6, 1e-15));
  CHECK_THAT((Line{1.0, -1e-6, 1.0, {-1}, {-1}}.Search()), WithinRel(1e-6, 1e-15));
  // The slope jumps in steepness where it is 0: ½ t² − t up to t = 1, where a stiff sample becomes active.
  CHECK_THAT((Line{1e12, -1.0, 1.0, {-1}, {0}}.Search()), WithinRel(1.0, 1e-12));
}

TEST_CASE("the slope vanishes where the search ends") {
  std::mt19937_64 random(33);
  for (int round = 0; round < 200; ++round) {
    Line line{2.0, 0.0, 0.5, std::vector<double>(50), std::vector<double>(50)};
    for (double& r : line.at_zero) r = Uniform(random);
    for (double& r : line.at_one) r = 3 * Uniform(random);
    line.weights_dot_step = -line.SlopeAt(0.0) - 5.0;  // downhill at 0, whatever the residuals do
    REQUIRE(line.SlopeAt(0.0) < 0.0);
    const double t = line.Search();
    CHECK(t > 0.0);
    CHECK_THAT(line.SlopeAt(t), WithinAbs(0.0, 1e-10));
  }
}

TEST_CASE("the same bits on any number of threads") {
  std::mt19937_64 random(34);
  Line line{1.0, 0.0, 0.5, std::vector<double>(50'001), std::vector<double>(50'001)};
  for (double& r : line.at_zero) r = Uniform(random);
  for (double& r : line.at_one) r = 3 * Uniform(random);
  line.weights_dot_step = -line.SlopeAt(0.0) - 5.0;
  CHECK(line.Search(1) == line.Search(2));
  CHECK(line.Search(1) == line.Search(7));
}

}  // namespace
}  // namespace iris
