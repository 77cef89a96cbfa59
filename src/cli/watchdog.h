// SPDX-License-Identifier: Apache-2.0
//
// Tells the service manager's watchdog that the server serves; not merely that the process lives.

#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "src/cli/reload.h"
#include "src/system/notify.h"

namespace iris {

/// Asks the threads that serve for a sign of life several times in the interval that the manager set, and passes it on.
/// While one of them owes it, the manager hears nothing, and ends the process when its interval is over.
class Watchdog final : public Reloadable {
 public:
  /// `beat` is as Server::Beat. Both must outlive this. Requires: somebody waits (notifier.watchdog()).
  Watchdog(ServiceNotifier& notifier, std::function<bool()> beat);

  bool Reload() override { return true; }
  std::optional<std::chrono::milliseconds> Look() override;

 private:
  ServiceNotifier& notifier_;
  const std::function<bool()> beat_;
  const std::chrono::microseconds patience_;  // after which the log is told
  const std::chrono::milliseconds pause_;
  std::chrono::steady_clock::time_point last_beat_;
  bool told_ = false;
};

}  // namespace iris
