// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/stream.h"

namespace iris {

void Stream::Notify() {
  {
    const std::lock_guard lock(mutex_);
    notified_ = true;
    if (!std::exchange(waiting_, false)) return;
  }
  WakeUp();
}

// What wakes a Wait arrives on the thread that is about to suspend here, so it cannot overtake it.
bool Stream::NeedNotWait() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(notified_, false) || context_.cancelled) return true;
  waiting_ = true;
  return false;
}

}  // namespace iris
