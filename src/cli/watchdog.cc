// SPDX-License-Identifier: Apache-2.0

#include "src/cli/watchdog.h"

#include <algorithm>
#include <string>
#include <utility>

#include "src/system/log.h"

namespace iris {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// So that a sign of life is fresh even when the interval is long.
constexpr milliseconds kLongestPause{10'000};

}  // namespace

Watchdog::Watchdog(ServiceNotifier& notifier, std::function<bool()> beat)
    : notifier_(notifier),
      beat_(std::move(beat)),
      patience_(*notifier.watchdog() / 2),
      pause_(std::clamp(duration_cast<milliseconds>(*notifier.watchdog() / 4), milliseconds(1), kLongestPause)),
      last_beat_(std::chrono::steady_clock::now()) {}

std::optional<milliseconds> Watchdog::Look() {
  const auto now = std::chrono::steady_clock::now();
  if (beat_()) {
    last_beat_ = now;
    notifier_.Alive();
    if (std::exchange(told_, false)) Log(LogLevel::kWarning, "the serving threads come round again");
  } else if (now - last_beat_ > patience_ && !std::exchange(told_, true)) {
    Log(LogLevel::kError, "a serving thread has not come round for " +
                              std::to_string(duration_cast<milliseconds>(now - last_beat_).count()) +
                              " ms; the service manager's watchdog is told nothing until it does");
  }
  return pause_;
}

}  // namespace iris
