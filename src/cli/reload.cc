// SPDX-License-Identifier: Apache-2.0

#include "src/cli/reload.h"

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <string>

#include "src/base/utc_time.h"
#include "src/system/notify.h"
#include "src/system/signals.h"

namespace iris {
namespace {

using Clock = std::chrono::steady_clock;

/// A wait without an end would be one more case; a wake-up a day is none.
constexpr std::chrono::hours kLongest{24};

/// Looks at what is due. Returns when to look again.
Clock::time_point LookAll(const std::vector<std::unique_ptr<Reloadable>>& reloadables,
                          std::vector<Clock::time_point>& due) {
  Clock::time_point next = Clock::now() + kLongest;
  for (std::size_t i = 0; i < reloadables.size(); ++i) {
    if (Clock::now() >= due[i]) {
      const auto pause = reloadables[i]->Look();
      due[i] = pause ? Clock::now() + *pause : Clock::time_point::max();
    }
    next = std::min(next, due[i]);
  }
  return next;
}

/// Reloads all, each whatever came of the others, and tells the service manager.
void ReloadAll(const std::vector<std::unique_ptr<Reloadable>>& reloadables, ServiceNotifier& notifier) {
  notifier.Reloading();
  std::size_t failures = 0;
  for (const std::unique_ptr<Reloadable>& reloadable : reloadables) failures += reloadable->Reload() ? 0 : 1;
  const std::string now = Rfc3339(std::chrono::system_clock::now());
  notifier.Ready(failures == 0 ? "serving; reloaded at " + now
                               : "serving; the reload at " + now + " failed in part, and what was there stays: " +
                                     "see the log");
}

}  // namespace

Result<void> WaitForEnd(const std::vector<std::unique_ptr<Reloadable>>& reloadables, ServiceNotifier& notifier) {
  std::vector<Clock::time_point> due(reloadables.size());  // all at once: what changed during the start is seen
  for (;;) {
    const Clock::time_point next = LookAll(reloadables, due);
    const Result<std::optional<int>> signal = WaitForSignal(next - Clock::now());
    if (!signal) return std::unexpected(signal.error());
    if (!*signal) continue;
    if (**signal != SIGHUP) return {};
    ReloadAll(reloadables, notifier);
  }
}

}  // namespace iris
