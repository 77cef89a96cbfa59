// SPDX-License-Identifier: Apache-2.0
//
// Which solver takes a problem with n samples, p = features + 1 variables and z stored values:
//   p ≤ 256                newton.h: its systems cost next to nothing, and it is the most robust
//   2 n < p, n ≤ 1024      dual_newton.h: systems of n unknowns instead of p (n² doubles: 8 MiB)
//   otherwise              truncated_newton.h, for no more products than the next solver in line would cost, then
//     n < p, n ≤ 8192      dual_newton.h
//     p ≤ 4096             newton.h, from where truncated_newton.h came to
//     otherwise            truncated_newton.h along a path of costs (cost_path.h)
// Memory besides the table: a few numbers a sample and a few vectors of p for each of up to 64 blocks of samples, no
// more than a sixteenth of the table in all. The last two but one also take matrices, where conjugate gradients alone
// did not arrive: n² doubles, at most 512 MiB, and never more than the table where it is dense; and 2 p² doubles, at
// most 256 MiB. Conjugate gradients do not converge where the problem is badly conditioned (a large C on features that
// are nearly collinear), and the dual suffers from features of very different sizes; newton.h takes both. Where it
// crosses too many active sets on its way, it starts again along a path of costs.

#include "src/svm/squared_hinge.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <variant>
#include <vector>

#include "src/svm/cost_path.h"
#include "src/svm/dual_newton.h"
#include "src/svm/newton.h"
#include "src/svm/subsample.h"
#include "src/svm/truncated_newton.h"

namespace iris {
namespace {

constexpr std::size_t kSmall = 256;
constexpr std::size_t kMostSamplesOfDual = 1024;
constexpr std::size_t kMostSamplesOfDualAtLast = 8192;
constexpr std::size_t kMostVariablesAtLast = 4096;
constexpr std::int64_t kMostStepsAtOnce = 30;
constexpr std::int64_t kMostTruncatedSteps = 300;  // for one of a path's costs
constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

/// newton.h, straight or along a path.
Result<BinarySolution> SolveDirectly(const BinaryProblem& problem, std::vector<double> start, const SolverRun& run) {
  Result<BinarySolution> solution = SolveByNewton(problem, {std::move(start), 0.0, kMostStepsAtOnce}, run);
  if (solution || solution.error().code != ErrorCode::kCheckFailed) return solution;
  return SolveAlongCosts(problem, SolveByNewton, run);
}

/// truncated_newton.h along a path.
Result<BinarySolution> SolveMatrixFreeAlongCosts(const BinaryProblem& problem, const SolverRun& run) {
  const StartedSolver solver = [](const BinaryProblem& of_path, NewtonStart start, const SolverRun& counted) {
    start.most_steps = kMostTruncatedSteps;
    return Result<BinarySolution>(
        SolveByTruncatedNewton(of_path, std::move(start), kUnlimited, counted).solution);
  };
  return SolveAlongCosts(problem, solver, run);
}

/// What solves a problem where conjugate gradients do not, and what it costs in products with the table (measured: the
/// multiplications of a product, which wait for memory, take four times as long as those of a matrix).
struct Reserve {
  enum { kNone, kDual, kDirect } solver = kNone;
  std::int64_t products = kUnlimited;
};

Reserve ReserveFor(const BinaryProblem& problem) {
  const auto samples = static_cast<double>(problem.samples());
  const auto order = static_cast<double>(problem.feature_count() + 1);
  const double stored =
      std::visit([](const auto& m) { return static_cast<double>(m.values.size()); }, problem.features) + 1.0;
  const auto products = [stored](double multiplications) {
    return 100 + static_cast<std::int64_t>(multiplications / (8.0 * stored));
  };
  if (problem.samples() <= problem.feature_count() && problem.samples() <= kMostSamplesOfDualAtLast) {
    return {Reserve::kDual, products(samples * stored / 2.0 + 10.0 * samples * samples * samples / 6.0)};
  }
  if (problem.feature_count() < kMostVariablesAtLast) {
    return {Reserve::kDirect, products(5.0 * (stored * (stored / samples) / 2.0 + order * order * order / 6.0))};
  }
  return {};
}

}  // namespace

Result<BinarySolution> SolveSquaredHinge(const BinaryProblem& problem, const SolverRun& run) {
  const std::size_t samples = problem.samples();
  const std::size_t order = problem.feature_count() + 1;
  if (order <= kSmall) return SolveDirectly(problem, SolveSubsample(problem, run), run);

  const bool dual_at_once = 2 * samples < order && samples <= kMostSamplesOfDual;
  std::vector<double> start;
  Reserve reserve{dual_at_once ? Reserve::kDual : Reserve::kNone};
  if (!dual_at_once) {
    reserve = ReserveFor(problem);
    const std::int64_t steps = reserve.solver == Reserve::kNone ? kMostStepsAtOnce : kMostTruncatedSteps;
    TruncatedNewtonResult result = SolveByTruncatedNewton(problem, {{}, 0.0, steps}, reserve.products, run);
    if (result.converged) return std::move(result.solution);
    start = std::move(result.solution.weights);
  }
  if (reserve.solver == Reserve::kDual) {
    Result<BinarySolution> solution = SolveByDualNewton(problem, run);
    if (solution || solution.error().code != ErrorCode::kCheckFailed) return solution;
  }
  if (order <= kMostVariablesAtLast) return SolveDirectly(problem, std::move(start), run);
  return SolveMatrixFreeAlongCosts(problem, run);
}

}  // namespace iris
