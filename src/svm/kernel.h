// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "src/svm/binary_problem.h"
#include "src/svm/thread_team.h"

namespace iris {

/// The products of all samples with each other, K_ij = x̃_i·x̃_j. Shape: samples × samples, both triangles.
/// Deterministic, whatever the team. Time: samples × stored values / 2 multiplications.
std::vector<double> KernelOf(const BinaryProblem& problem, ThreadTeam& team);

}  // namespace iris
