// SPDX-License-Identifier: Apache-2.0

#include "src/load/schedule.h"

#include <cmath>

namespace iris {

std::uint64_t OpenSchedule::CountBefore(LoadClock::time_point time) const {
  if (time <= start_) return 0;
  const auto elapsed = std::chrono::duration<double, std::nano>(time - start_).count();
  auto call = static_cast<std::uint64_t>(std::ceil(elapsed / period_));
  // Rounding may have led one astray.
  while (call > 0 && TimeOf(call - 1) >= time) --call;
  while (TimeOf(call) < time) ++call;
  return call;
}

}  // namespace iris
