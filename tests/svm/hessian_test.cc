// SPDX-License-Identifier: Apache-2.0

#include "src/svm/hessian.h"

#include <cmath>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/svm/cholesky.h"
#include "src/svm/rotations.h"
#include "tests/svm/tables.h"

namespace iris {
namespace {

using Catch::Matchers::WithinAbs;

/// H v over the active samples, in long double.
std::vector<double> Multiply(const BinaryProblem& problem, std::span<const double> residuals,
                             std::span<const double> v) {
  std::vector<long double> sum(v.begin(), v.end());
  for (std::size_t i = 0; i < problem.samples(); ++i) {
    if (!(residuals[i] > 0)) continue;
    const std::vector<double> x = FullRow(problem, i);
    long double dot = 0;
    for (std::size_t k = 0; k < x.size(); ++k) dot += static_cast<long double>(x[k]) * v[k];
    for (std::size_t k = 0; k < x.size(); ++k) sum[k] += 2 * problem.costs[i] * dot * x[k];
  }
  return std::vector<double>(sum.begin(), sum.end());
}

/// The largest |H⁻¹ H v − v|.
double ErrorOfSolving(const Hessian& hessian, const BinaryProblem& problem, std::span<const double> residuals) {
  std::vector<double> v;
  for (std::size_t k = 0; k <= problem.feature_count(); ++k) v.push_back(static_cast<double>(k % 7) - 3.0);
  std::vector<double> back = Multiply(problem, residuals, v);
  hessian.Solve(back);
  double largest = 0.0;
  for (std::size_t k = 0; k < v.size(); ++k) largest = std::max(largest, std::abs(back[k] - v[k]));
  return largest;
}

TEST_CASE("solving undoes multiplying, for any number of active samples, dense and sparse") {
  ThreadTeam team(1);
  for (const std::size_t samples : {0u, 1u, 2u, 3u, 4u, 5u, 31u}) {
    const Dataset dense = NoisyTable(2 * samples, 7, 2, 6);
    const Dataset sparse = AsSparse(dense);
    const std::vector<double> signs = SignsOf(dense, 1);
    std::vector<double> costs(2 * samples, 2.0);
    std::vector<double> residuals(2 * samples);
    for (std::size_t i = 0; i < residuals.size(); ++i) {
      residuals[i] = i % 2 == 0 ? 0.5 : (i % 4 == 1 ? 0.0 : -1.0);
      costs[i] += static_cast<double>(i);
    }
    for (const Matrix* const features : {&dense.features, &sparse.features}) {
      const BinaryProblem problem{*features, signs, costs, 0.5};
      Hessian hessian(problem, team);
      REQUIRE(hessian.Factor(residuals));
      CHECK(hessian.IsFor(residuals));
      CHECK(ErrorOfSolving(hessian, problem, residuals) < 1e-12);
    }
  }
}

TEST_CASE("samples that come and go leave nothing behind") {
  ThreadTeam team(2);
  for (const std::size_t features : {6u, 150u}) {  // below and above where blocks of samples have their own sums
    const Dataset dense = NoisyTable(600, features, 2, 16);
    const std::vector<double> signs = SignsOf(dense, 1);
    const std::vector<double> costs(600, 1.5);
    const Dataset sparse = AsSparse(dense);
    std::vector<double> residuals(600, 1.0);
    const BinaryProblem of_dense{dense.features, signs, costs, 1.0};
    const BinaryProblem of_sparse{sparse.features, signs, costs, 1.0};
    Hessian dense_hessian(of_dense, team);
    Hessian sparse_hessian(of_sparse, team);
    std::mt19937_64 random(4);
    for (int round = 0; round < 30; ++round) {
      for (double& residual : residuals) {
        if (Uniform(random) < -0.8) residual = Uniform(random) + 0.5;
      }
      REQUIRE(dense_hessian.Factor(residuals));
      CHECK(ErrorOfSolving(dense_hessian, of_dense, residuals) < 1e-8);
      REQUIRE(sparse_hessian.Factor(residuals));
      CHECK(ErrorOfSolving(sparse_hessian, of_sparse, residuals) < 1e-8);
    }
  }
}

TEST_CASE("a giant that leaves takes its rounding errors along") {
  ThreadTeam team(1);
  Dataset table = NoisyTable(100, 3, 2, 8);
  for (std::size_t k = 0; k < 3; ++k) ValuesOf(table)[k] = 1e9;
  const std::vector<double> signs = SignsOf(table, 1);
  const std::vector<double> costs(100, 1.0);
  const BinaryProblem problem{table.features, signs, costs, 1.0};
  std::vector<double> residuals(100, 1.0);
  Hessian hessian(problem, team);
  REQUIRE(hessian.Factor(residuals));
  residuals[0] = -1.0;
  REQUIRE(hessian.Factor(residuals));
  CHECK(ErrorOfSolving(hessian, problem, residuals) < 1e-12);
}

TEST_CASE("the identity is not lost where squares drown it") {
  // Two equal features at 1e9: H is 1 + 2·10¹⁸ (x̃ x̃ᵀ), and 1 is below the last digit of its diagonal. In the
  // direction (1, −1, 0) H is still exactly the identity.
  ThreadTeam team(1);
  const Matrix x = DenseMatrix{2, {1e9, 1e9, -1e9, -1e9}};
  const std::vector<double> signs{1, -1};
  const std::vector<double> costs{1, 1};
  const std::vector<double> residuals{1, 1};
  const BinaryProblem problem{x, signs, costs, 1.0};
  Hessian hessian(problem, team);
  REQUIRE(hessian.Factor(residuals));
  std::vector<double> v{1, -1, 0};
  hessian.Solve(v);
  CHECK_THAT(v[0], WithinAbs(1.0, 1e-6));
  CHECK_THAT(v[1], WithinAbs(-1.0, 1e-6));
  CHECK_THAT(v[2], WithinAbs(0.0, 1e-6));
}

TEST_CASE("rotations and Cholesky give the same factor, whatever the blocks and threads") {
  for (const std::size_t features : {5u, 70u}) {
    const Dataset table = NoisyTable(20'000, features, 2, 9);
    const std::vector<double> signs = SignsOf(table, 1);
    const std::vector<double> costs(20'000, 0.5);
    std::vector<double> residuals(20'000, 1.0);
    for (std::size_t i = 0; i < residuals.size(); i += 3) residuals[i] = -1.0;
    const BinaryProblem problem{table.features, signs, costs, 1.0};
    const std::size_t order = features + 1;
    std::vector<double> product(order * order, 0.0);  // 1 + 2C Σ x̃ x̃ᵀ, upper triangle
    for (std::size_t a = 0; a < order; ++a) product[a * order + a] = 1.0;
    for (std::size_t i = 0; i < residuals.size(); ++i) {
      if (!(residuals[i] > 0.0)) continue;
      const std::vector<double> x = FullRow(problem, i);
      for (std::size_t a = 0; a < order; ++a) {
        for (std::size_t b = a; b < order; ++b) product[a * order + b] += x[a] * x[b];
      }
    }
    std::vector<double> rotated(order * order);
    for (const unsigned threads : {1u, 3u}) {
      ThreadTeam team(threads);
      std::vector<double> again(order * order);
      FactorByRotations(problem, residuals, SampleBlocks(table.features), team, again);
      if (threads > 1) CHECK(again == rotated);
      rotated = again;
    }
    ThreadTeam team(1);
    REQUIRE(FactorCholesky(order, product, team));
    for (std::size_t a = 0; a < order; ++a) {
      for (std::size_t b = a; b < order; ++b) {
        CHECK_THAT(rotated[a * order + b] - product[a * order + b], WithinAbs(0.0, 1e-11 * product[a * order + a]));
      }
    }
  }
}

TEST_CASE("Cholesky of many panels undoes a product, with the same bits on any number of threads") {
  constexpr std::size_t kOrder = 301;
  std::mt19937_64 random(77);
  std::vector<double> factor(kOrder * kOrder, 0.0);
  for (std::size_t a = 0; a < kOrder; ++a) {
    for (std::size_t b = a; b < kOrder; ++b) factor[a * kOrder + b] = a == b ? 20.0 + Uniform(random) : Uniform(random);
  }
  std::vector<double> product(kOrder * kOrder, 0.0);
  for (std::size_t a = 0; a < kOrder; ++a) {
    for (std::size_t b = a; b < kOrder; ++b) {
      for (std::size_t k = 0; k <= a; ++k) product[a * kOrder + b] += factor[k * kOrder + a] * factor[k * kOrder + b];
    }
  }
  std::vector<double> first = product;
  ThreadTeam alone(1);
  REQUIRE(FactorCholesky(kOrder, first, alone));
  double largest = 0.0;
  for (std::size_t j = 0; j < first.size(); ++j) {
    if (j % kOrder >= j / kOrder) largest = std::max(largest, std::abs(first[j] - factor[j]));
  }
  CHECK(largest < 1e-11);
  ThreadTeam team(3);
  std::vector<double> again = product;
  REQUIRE(FactorCholesky(kOrder, again, team));
  CHECK(again == first);

  product[5 * kOrder + 5] = -1.0;
  CHECK_FALSE(FactorCholesky(kOrder, product, team));
}

TEST_CASE("what overflows is refused") {
  ThreadTeam team(1);
  const Matrix x = DenseMatrix{1, {1e160}};
  const std::vector<double> signs{1};
  const std::vector<double> costs{1};
  const std::vector<double> residuals{1};
  const BinaryProblem problem{x, signs, costs, 1.0};
  CHECK_FALSE(Hessian(problem, team).Factor(residuals));
}

}  // namespace
}  // namespace iris
