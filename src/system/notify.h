// SPDX-License-Identifier: Apache-2.0
//
// What the service manager that started us is told: systemd's notification protocol, one datagram a message.
// Source: sd_notify(3), sd_watchdog_enabled(3), systemd.service(5) on Type=notify-reload.

#pragma once

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/descriptor.h"

namespace iris {

/// Where nobody wants to be told, every message goes nowhere. One that cannot be delivered is said on the log, once: a
/// server that serves is worth more than one whose manager knows. All on one thread.
class ServiceNotifier {
 public:
  /// Tells nobody.
  ServiceNotifier() = default;

  /// Tells who listens at $NOTIFY_SOCKET: a path, or an abstract address behind '@'. Takes that variable, $WATCHDOG_USEC
  /// and $WATCHDOG_PID out of the environment, so that no child speaks in our name. Requires: no other thread.
  static ServiceNotifier FromEnvironment();

  /// Whether anybody wants to be told.
  bool wanted() const { return static_cast<bool>(socket_); }

  /// Whether they are told at an abstract address, which has no path.
  bool abstract() const { return wanted() && address_.sun_path[0] == '\0'; }

  /// The start, or a reload, is complete. `status` is one line for a person, as everywhere here.
  void Ready(std::string_view status);
  /// A reload begins; Ready follows, whatever comes of it.
  void Reloading();
  /// The end begins, and takes `longest` at most.
  void Stopping(std::chrono::milliseconds longest, std::string_view status);
  /// What goes on. With `longest`: the start may take so long from now on, if it was to take less.
  void Status(std::string_view status, std::optional<std::chrono::milliseconds> longest = {});
  /// All is well, as often as `watchdog` says.
  void Alive();

  /// How long may lie between two calls of Alive at most; nothing when nobody waits for them.
  std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

 private:
  void Send(const std::string& message);

  std::string name_;  // of the socket, for the log
  Descriptor socket_;
  sockaddr_un address_{};
  socklen_t address_size_ = 0;
  std::optional<std::chrono::microseconds> watchdog_;
  bool failure_told_ = false;
};

}  // namespace iris
