// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <grpc/support/time.h>

#include <atomic>
#include <cstdint>

namespace iris {

/// What a method may know of the call that it answers.
struct CallContext {
  gpr_timespec deadline{};              ///< Of the monotonic clock.
  std::atomic<bool> cancelled = false;  ///< The caller hung up.

  /// Whether nobody waits for the answer any more: the caller hung up, or its deadline has passed. A method that works
  /// for longer than a millisecond asks now and then, and gives up with kCancelled.
  bool Abandoned() const {
    if (cancelled.load(std::memory_order_relaxed)) return true;
    if (deadline.tv_sec == INT64_MAX) return false;  // gpr_inf_future: the caller set none
    return gpr_time_cmp(gpr_now(deadline.clock_type), deadline) >= 0;
  }
};

}  // namespace iris
