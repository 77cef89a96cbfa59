// SPDX-License-Identifier: Apache-2.0
//
// Which solver takes a problem with n samples, p = features + 1 variables and z stored values:
//   p ≤ 256                     newton.h: its systems cost nothing, and it is the most robust
//   2 n < p, n ≤ 1024           dual_newton.h: systems of n unknowns instead of p
//   p ≤ 2048, p³ ≤ 2000 z       newton.h: factoring (p³ / 6 a step) costs less than a few hundred passes
//   otherwise                   truncated_newton.h: no matrix at all
// Where Newton's method crosses too many active sets, it starts again along a path of costs (cost_path.h). Conjugate
// gradients do not converge where the problem is badly conditioned (a large C on features that are nearly collinear),
// and the dual suffers from features of very different sizes; then newton.h has the last word, as long as its matrices
// of p² doubles (2 of them) fit: p ≤ 4096.

#include "src/svm/squared_hinge.h"

#include <cstddef>
#include <utility>
#include <variant>

#include "src/svm/cost_path.h"
#include "src/svm/dual_newton.h"
#include "src/svm/newton.h"
#include "src/svm/subsample.h"
#include "src/svm/truncated_newton.h"

namespace iris {
namespace {

constexpr std::size_t kSmall = 256;
constexpr std::size_t kMostSamplesOfDual = 1024;
constexpr std::size_t kMostVariables = 2048;
constexpr std::size_t kMostVariablesAtLast = 4096;
constexpr std::size_t kPassesWorthFactoring = 2000;
constexpr std::int64_t kMostStepsAtOnce = 30;
constexpr std::int64_t kMostTruncatedSteps = 300;  // for one of a path's costs

/// newton.h, straight or along a path.
Result<BinarySolution> SolveDirectly(const BinaryProblem& problem, std::vector<double> start, const SolverRun& run) {
  Result<BinarySolution> solution = SolveByNewton(problem, {std::move(start), 0.0, kMostStepsAtOnce}, run);
  if (solution || solution.error().code != ErrorCode::kCheckFailed) return solution;
  return SolveAlongCosts(problem, SolveByNewton, run);
}

/// truncated_newton.h, straight or along a path.
TruncatedNewtonResult SolveMatrixFree(const BinaryProblem& problem, const SolverRun& run) {
  TruncatedNewtonResult result = SolveByTruncatedNewton(problem, {{}, 0.0, kMostStepsAtOnce}, run);
  if (result.converged) return result;
  const StartedSolver solver = [&result](const BinaryProblem& of_path, NewtonStart start, const SolverRun& counted) {
    start.most_steps = kMostTruncatedSteps;
    result = SolveByTruncatedNewton(of_path, std::move(start), counted);
    return Result<BinarySolution>(result.solution);
  };
  result.solution = *SolveAlongCosts(problem, solver, run);
  return result;
}

bool PaysToFactor(const BinaryProblem& problem) {
  const std::size_t order = problem.feature_count() + 1;
  const std::size_t stored = std::visit([](const auto& m) { return m.values.size(); }, problem.features);
  return order <= kSmall || (order <= kMostVariables && order * order * order <= kPassesWorthFactoring * stored);
}

}  // namespace

Result<BinarySolution> SolveSquaredHinge(const BinaryProblem& problem, const SolverRun& run) {
  const std::size_t samples = problem.samples();
  const std::size_t order = problem.feature_count() + 1;
  if (order > kSmall && 2 * samples < order && samples <= kMostSamplesOfDual) {
    Result<BinarySolution> solution = SolveByDualNewton(problem, run);
    if (solution || solution.error().code != ErrorCode::kCheckFailed) return solution;
    if (order <= kMostVariablesAtLast) return SolveDirectly(problem, {}, run);
  }
  if (PaysToFactor(problem)) return SolveDirectly(problem, SolveSubsample(problem, run), run);
  TruncatedNewtonResult result = SolveMatrixFree(problem, run);
  if (result.converged || order > kMostVariablesAtLast) return std::move(result.solution);
  return SolveDirectly(problem, std::move(result.solution.weights), run);
}

}  // namespace iris
