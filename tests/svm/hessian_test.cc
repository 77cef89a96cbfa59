// SPDX-License-Identifier: Apache-2.0

#include "src/svm/hessian.h"

#include <cmath>
#include <vector>

#include "catch_amalgamated.hpp"
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
    const double* const x = problem.sample(i);
    long double dot = v[problem.feature_count];
    for (std::size_t k = 0; k < problem.feature_count; ++k) dot += static_cast<long double>(x[k]) * v[k];
    for (std::size_t k = 0; k < problem.feature_count; ++k) sum[k] += 2 * problem.cost * dot * x[k];
    sum[problem.feature_count] += 2 * problem.cost * dot;
  }
  return std::vector<double>(sum.begin(), sum.end());
}

TEST_CASE("solving undoes multiplying, for any number of active samples") {
  for (const std::size_t samples : {0u, 1u, 2u, 3u, 4u, 5u, 31u}) {
    const Dataset table = NoisyTable(2 * samples, 7, 2, 6);
    const std::vector<double> signs = SignsOf(table, 1);
    std::vector<double> residuals(2 * samples);
    for (std::size_t i = 0; i < residuals.size(); ++i) residuals[i] = i % 2 == 0 ? 0.5 : (i % 4 == 1 ? 0.0 : -1.0);
    const BinaryProblem problem{table.features, signs, 7, 2.0};
    Hessian hessian(problem);
    REQUIRE(hessian.Factor(residuals));
    const std::vector<double> v{1, -2, 3, -4, 5, -6, 7, -8};
    std::vector<double> back = Multiply(problem, residuals, v);
    hessian.Solve(back);
    for (std::size_t k = 0; k < v.size(); ++k) CHECK_THAT(back[k], WithinAbs(v[k], 1e-12));
  }
}

TEST_CASE("the identity is not lost where squares drown it") {
  // Two equal features at 1e9: H is I + 2·10¹⁸ (x̃ x̃ᵀ), and 1 is below the last digit of its diagonal. In the direction
  // (1, −1, 0) H is still exactly the identity.
  const std::vector<double> x{1e9, 1e9, -1e9, -1e9};
  const std::vector<double> signs{1, -1};
  const std::vector<double> residuals{1, 1};
  const BinaryProblem problem{x, signs, 2, 1.0};
  Hessian hessian(problem);
  REQUIRE(hessian.Factor(residuals));
  std::vector<double> v{1, -1, 0};
  hessian.Solve(v);
  CHECK_THAT(v[0], WithinAbs(1.0, 1e-6));
  CHECK_THAT(v[1], WithinAbs(-1.0, 1e-6));
  CHECK_THAT(v[2], WithinAbs(0.0, 1e-6));
}

TEST_CASE("what overflows is refused") {
  const std::vector<double> x{1e160};
  const std::vector<double> signs{1};
  const std::vector<double> residuals{1};
  const BinaryProblem problem{x, signs, 1, 1.0};
  CHECK_FALSE(Hessian(problem).Factor(residuals));
}

}  // namespace
}  // namespace iris
