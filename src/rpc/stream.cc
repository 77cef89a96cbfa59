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

// The coroutine has stopped, so it does not matter how soon it is woken.
bool Stream::MustWait() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(notified_, false) || context_.cancelled) return false;
  waiting_ = true;
  return true;
}

}  // namespace iris
