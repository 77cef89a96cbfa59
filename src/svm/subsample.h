// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "src/svm/binary_problem.h"
#include "src/svm/solver_run.h"

namespace iris {

/// Weights near the optimum of a problem with very many samples, from every few dozenth of them, each of which stands
/// for its neighbours: where Newton's method may start. Empty where the problem is too small to gain by it.
/// Memory: a copy of those samples, for the time being. Time: little beside one step with all samples.
std::vector<double> SolveSubsample(const BinaryProblem& problem, const SolverRun& run);

}  // namespace iris
