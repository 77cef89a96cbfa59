// SPDX-License-Identifier: Apache-2.0
//
// Products with the table, those in twice the digits and those of samples with each other, against sums written out in
// long double.

#include "src/svm/sample_products.h"

#include <cmath>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/svm/fine_products.h"
#include "src/svm/kernel.h"
#include "tests/svm/naive.h"

namespace iris {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

/// A table with zeros in it, dense, and the same one sparse.
struct BothWays {
  Given dense;
  Given sparse;

  explicit BothWays(std::size_t samples, std::size_t features)
      : dense(WithZeros(samples, features), 0.7, 2.0), sparse(AsSparse(dense.table), 0.7, 2.0) {}

  static Dataset WithZeros(std::size_t samples, std::size_t features) {
    Dataset table = NoisyTable(samples, features, 2, 77);
    for (std::size_t j = 0; j < ValuesOf(table).size(); j += 3) ValuesOf(table)[j] = 0.0;
    return table;
  }
};

std::vector<double> SomeWeights(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<double> weights(count);
  for (double& w : weights) w = Uniform(random);
  return weights;
}

TEST_CASE("residuals, gradient, Hessian products and combinations are what their sums say, dense and sparse") {
  // One block; several; an odd number of everything; more features than samples.
  for (const auto& [samples, features] : {std::pair<std::size_t, std::size_t>{7, 3}, {5000, 17}, {30, 301}}) {
    CAPTURE(samples, features);
    const BothWays both(samples, features);
    const std::vector<double> w = SomeWeights(features + 1, 1);
    const std::vector<double> v = SomeWeights(features + 1, 2);
    const std::vector<double> factors = SomeWeights(samples, 3);
    const BinaryProblem exact = both.dense.problem();
    const std::vector<long double> r = NaiveResiduals(exact, w);
    long double losses = 0;
    std::vector<long double> gradient(w.begin(), w.end());
    std::vector<long double> curved(v.begin(), v.end());
    std::vector<long double> diagonal(v.size(), 1.0L);
    std::vector<long double> combined(v.size());
    for (std::size_t i = 0; i < samples; ++i) {
      const std::vector<double> x = FullRow(exact, i);
      for (std::size_t k = 0; k < x.size(); ++k) combined[k] += static_cast<long double>(factors[i]) * x[k];
      if (r[i] <= 0) continue;
      const long double cost = exact.costs[i];
      losses += cost * r[i] * r[i];
      long double along = 0;
      for (std::size_t k = 0; k < x.size(); ++k) along += static_cast<long double>(x[k]) * v[k];
      for (std::size_t k = 0; k < x.size(); ++k) {
        gradient[k] -= 2 * cost * exact.signs[i] * r[i] * x[k];
        curved[k] += 2 * cost * along * x[k];
        diagonal[k] += 2 * cost * x[k] * x[k];
      }
    }
    const auto check = [](const std::vector<double>& actual, const std::vector<long double>& expected) {
      long double largest = 0;
      for (const long double e : expected) largest = std::max(largest, std::abs(e));
      for (std::size_t k = 0; k < actual.size(); ++k) {
        CHECK_THAT(actual[k] - static_cast<double>(expected[k]), WithinAbs(0.0, 1e-13 * static_cast<double>(largest)));
      }
    };
    for (const Given* const given : {&both.dense, &both.sparse}) {
      ThreadTeam team(2);
      const BinaryProblem problem = given->problem();
      SampleProducts products(problem, team);
      std::vector<double> residuals(samples);
      CHECK_THAT(products.Residuals(w, residuals), WithinRel(static_cast<double>(losses), 1e-13));
      check(residuals, r);
      std::vector<double> out(features + 1);
      products.Gradient(w, residuals, out);
      check(out, gradient);
      products.Curve(residuals, v, out);
      check(out, curved);
      products.CurveDiagonal(residuals, out);
      check(out, diagonal);
      products.Combine(factors, out);
      check(out, combined);
      std::vector<double> half = residuals;
      const std::vector<double> zeros(samples, 0.0);
      CHECK_THAT(products.Interpolate(0.5, zeros, half), WithinRel(0.25 * static_cast<double>(losses), 1e-13));
      check(half, [&] {
        std::vector<long double> halves = r;
        for (long double& x : halves) x /= 2;
        return halves;
      }());
    }
  }
}

TEST_CASE("the products of samples with each other, dense and sparse, on any number of threads") {
  for (const std::size_t features : {1u, 6u, 33u}) {
    const BothWays both(23, features);
    for (const Given* const given : {&both.dense, &both.sparse}) {
      ThreadTeam alone(1);
      ThreadTeam four(4);
      const std::vector<double> kernel = KernelOf(given->problem(), alone);
      CHECK(KernelOf(given->problem(), four) == kernel);
      REQUIRE(kernel.size() == 23 * 23);
      for (std::size_t i = 0; i < 23; ++i) {
        for (std::size_t j = 0; j < 23; ++j) {
          const std::vector<double> a = FullRow(given->problem(), i);
          const std::vector<double> b = FullRow(given->problem(), j);
          long double product = 0;
          for (std::size_t k = 0; k < a.size(); ++k) product += static_cast<long double>(a[k]) * b[k];
          CHECK_THAT(kernel[i * 23 + j], WithinAbs(static_cast<double>(product), 1e-13));
        }
      }
    }
  }
}

TEST_CASE("fine residuals and gradients keep the digits that doubles lose") {
  // Weights of 1e8 that cancel, so that doubles have 8 digits of the residuals left.
  const BothWays both(4000, 12);
  FineWeights weights{SomeWeights(13, 4), SomeWeights(13, 5)};
  for (std::size_t k = 0; k < 13; ++k) {
    weights.high[k] *= 1e8;
    weights.low[k] *= 1e-9;
  }
  Dataset table = both.dense.table;
  for (std::size_t i = 0; i < 4000; ++i) {
    double* const x = ValuesOf(table).data() + i * 12;
    long double rest = -both.dense.signs[i] * 0.5L + static_cast<long double>(weights.high[12]) * 2.0L;
    for (std::size_t k = 1; k < 12; ++k) rest += static_cast<long double>(weights.high[k]) * x[k];
    x[0] = static_cast<double>(-rest / weights.high[0]);
  }
  const Given dense(table, 0.7, 2.0);
  const Given sparse(AsSparse(table), 0.7, 2.0);
  const std::vector<long double> r = NaiveResiduals(dense.problem(), weights.high, weights.low);
  std::vector<long double> alpha;
  for (std::size_t i = 0; i < 4000; ++i) alpha.push_back(2 * dense.costs[i] * std::max(r[i], 0.0L));
  const std::vector<long double> pull = NaivePull(dense.problem(), alpha);
  for (const Given* const given : {&dense, &sparse}) {
    const BinaryProblem problem = given->problem();
    const SampleBlocks blocks(problem.features);
    ThreadTeam team(2);
    std::vector<double> residuals(4000);
    FineResiduals(problem, weights, blocks, team, residuals);
    for (std::size_t i = 0; i < 4000; ++i) {
      // A long double has 64 bits of 1e8.
      CHECK_THAT(residuals[i], WithinAbs(static_cast<double>(r[i]), 1e-10));
    }
    std::vector<double> gradient(13);
    FineGradient(problem, weights, residuals, blocks, team, gradient);
    for (std::size_t k = 0; k < 13; ++k) {
      const long double expected = weights.high[k] + (weights.low[k] - pull[k]);
      CHECK_THAT(gradient[k], WithinRel(static_cast<double>(expected), 1e-12));
    }
  }
}

TEST_CASE("fine weights remember what a double would forget") {
  FineWeights weights{{1.0, -1e16}, {0.0, 0.0}};
  const std::vector<double> step{0x1p-80, 1.0};
  for (int i = 0; i < 3; ++i) weights.AddMultiple(0.5, step);
  CHECK(weights.high == std::vector<double>{1.0, -9999999999999998.0});
  CHECK(weights.low == std::vector<double>{3 * 0x1p-81, -0.5});
}

}  // namespace
}  // namespace iris
