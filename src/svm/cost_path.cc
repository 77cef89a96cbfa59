// SPDX-License-Identifier: Apache-2.0
//
// Continuation in the cost, for solvers that can start from given weights.
//
// Objective    that of the solver, with the costs times 10^-k for k = K, …, 1, 0; at K no direction curves the losses
//              more than the penalty
// Method       each problem is solved from the optimum of the last, all but the given one (k = 0) roughly
// Stops        a stage when a step promises less than 1e-6 of the objective; the last one as the solver does
// Result       that of the last stage, with the steps of all
// Complexity   K + 1 solutions, of a few steps each
// Source       T. Hastie, S. Rosset, R. Tibshirani, J. Zhu, "The entire regularization path for the support vector
//              machine", JMLR 5 (2004) 1391–1415, for the path itself; here it is only a way to its end

#include "src/svm/cost_path.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "src/svm/sample_products.h"

namespace iris {
namespace {

constexpr double kGrowth = 10.0;
constexpr double kRough = 1e-6;  // of the objective: what is left to gain when the costs grow
constexpr double kSmallest = 1e-30;

/// The share of the costs at which no direction curves the losses more than the penalty: the largest diagonal element
/// of their Hessian at w̃ = 0 is 1.
double FirstShare(const BinaryProblem& problem, ThreadTeam& team) {
  std::vector<double> diagonal(problem.feature_count() + 1);
  const std::vector<double> all_active(problem.samples(), 1.0);
  SampleProducts(problem, team).CurveDiagonal(all_active, diagonal);
  const double largest = *std::ranges::max_element(diagonal) - 1.0;
  return std::clamp(1.0 / largest, kSmallest, 1.0);
}

}  // namespace

Result<BinarySolution> SolveAlongCosts(const BinaryProblem& problem, const StartedSolver& solver,
                                       const SolverRun& run) {
  NewtonStart start;
  start.enough = kRough;
  std::int64_t steps = 0;
  std::vector<double> costs(problem.samples());
  SolverRun counted{run.team, [&](std::int64_t step, double left) { run.Report(steps + step, left); }};
  const double first = FirstShare(problem, run.team);
  int stage = 0;
  while (std::pow(kGrowth, -stage) > first) ++stage;
  for (; stage > 0; --stage) {
    const double share = std::pow(kGrowth, -stage);
    for (std::size_t i = 0; i < costs.size(); ++i) costs[i] = share * problem.costs[i];
    Result<BinarySolution> rough =
        solver({problem.features, problem.signs, costs, problem.intercept}, std::move(start), counted);
    if (!rough) return rough;
    steps += rough->steps;
    start = {std::move(rough->weights), kRough};
  }
  start.enough = 0.0;
  Result<BinarySolution> solution = solver(problem, std::move(start), counted);
  if (solution) solution->steps += steps;
  return solution;
}

}  // namespace iris
