// SPDX-License-Identifier: Apache-2.0
//
// What serve does between its start and its end: reads again, without a restart, what it was started with, and does what
// has to be done now and then.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "src/base/error.h"

namespace iris {

class ServiceNotifier;

/// One thing that serve can read again. What comes of it is said on the log, by the thing itself; what was there before
/// stays in use when the new cannot be. All on one thread.
class Reloadable {
 public:
  virtual ~Reloadable() = default;

  /// An operator asks for it (SIGHUP). Returns whether what is in use is now what there is to read.
  virtual bool Reload() = 0;

  /// Looks whether it has changed, and reads it again if so. Returns when to look again; nothing: never.
  virtual std::optional<std::chrono::milliseconds> Look() = 0;
};

/// Hears what came of each reading again: whether it could be used. May be empty.
using ReloadOutcome = std::function<void(bool ok)>;

/// Returns at SIGTERM or SIGINT. Until then everything of `reloadables` is reloaded, in order, at every SIGHUP, which
/// `notifier` is told of, and looked at when it wants to be. Errors: kIo when signals cannot be waited for.
Result<void> WaitForEnd(const std::vector<std::unique_ptr<Reloadable>>& reloadables, ServiceNotifier& notifier);

}  // namespace iris
