// SPDX-License-Identifier: Apache-2.0
//
// Signals as values: blocked before any thread exists (so that every thread inherits the mask and none is interrupted),
// then taken by the one thread that waits for them. Works the same as PID 1, where a default action would be ignored.

#pragma once

#include <chrono>
#include <optional>

#include "src/base/error.h"

namespace iris {

/// Blocks SIGINT, SIGTERM and SIGHUP in this thread and all it will start, and ignores SIGPIPE and SIGXFSZ, which are
/// errors of write instead. Call once in main, first of all.
void BlockSignals();

/// Waits for the next of the blocked signals and returns its number. Requires: BlockSignals was called.
Result<int> WaitForSignal();

/// The same for `limit` at most (or less, when something else wakes the thread). Nothing when none has come by then.
Result<std::optional<int>> WaitForSignal(std::chrono::nanoseconds limit);

/// As process 1, has the kernel bury the orphans that it passes to us; nothing otherwise. Requires: we wait for no child.
void ReapOrphans();

/// Lets SIGINT, SIGTERM and SIGHUP act by default again; for commands that serve nothing and should just die.
void RestoreDefaultSignals();

}  // namespace iris
