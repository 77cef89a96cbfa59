// SPDX-License-Identifier: Apache-2.0
//
// What a solver is given besides its problem: threads to share its loops with, and somebody who wants to hear how far
// it has come. Neither changes a bit of the result.

#pragma once

#include <cstdint>
#include <functional>

#include "src/svm/thread_team.h"

namespace iris {

/// Borrows the team, which must outlive it. One thread.
struct SolverRun {
  ThreadTeam& team;
  /// Called now and then, from the solving thread, with the steps so far and what is left to gain as a share of the
  /// objective (an estimate; it need not fall steadily). May be empty.
  std::function<void(std::int64_t step, double left)> on_step{};

  void Report(std::int64_t step, double left) const {
    if (on_step) on_step(step, left);
  }
};

}  // namespace iris
