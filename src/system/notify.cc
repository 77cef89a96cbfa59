// SPDX-License-Identifier: Apache-2.0

#include "src/system/notify.h"

#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "src/base/text.h"
#include "src/system/inherited_variable.h"
#include "src/system/log.h"

namespace iris {
namespace {

/// How long a message may wait for room in the manager's queue.
constexpr timeval kSendLimit{.tv_sec = 1, .tv_usec = 0};

std::string Microseconds(std::chrono::microseconds duration) { return std::to_string(duration.count()); }

/// As an assignment: a line of its own that holds no other.
std::string StatusLine(std::string_view status) { return "\nSTATUS=" + Printable(status); }

std::string ExtendLine(std::chrono::milliseconds longest) {
  return "\nEXTEND_TIMEOUT_USEC=" + Microseconds(longest);
}

std::optional<std::chrono::microseconds> TakeWatchdog() {
  const std::optional<std::string> text = TakeVariable("WATCHDOG_USEC");
  const std::optional<std::string> owner = TakeVariable("WATCHDOG_PID");
  if (!text) return std::nullopt;
  const auto self = static_cast<std::uint64_t>(::getpid());
  if (owner && ParseDecimal(*owner) != self) return std::nullopt;  // of another process
  const std::optional<std::uint64_t> interval = ParseDecimal(*text);
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
  if (!interval || *interval == 0 || *interval > kMost) {
    Log(LogLevel::kWarning, "WATCHDOG_USEC is " + Quote(*text) +
                 ", expected a number of microseconds; the watchdog is not told anything");
    return std::nullopt;
  }
  return std::chrono::microseconds(*interval);
}

}  // namespace

ServiceNotifier ServiceNotifier::FromEnvironment() {
  ServiceNotifier notifier;
  const std::optional<std::chrono::microseconds> watchdog = TakeWatchdog();
  const std::optional<std::string> name = TakeVariable("NOTIFY_SOCKET");
  if (!name) return notifier;
  const auto give_up = [&](const std::string& reason) {
    Log(LogLevel::kWarning, "cannot tell the service manager anything: NOTIFY_SOCKET is " + Quote(*name) + ", " +
                 reason + "; it may end this process for not getting ready");
  };
  const bool abstract = name->starts_with('@');
  if (!abstract && !name->starts_with('/')) {
    give_up("expected a path, or '@' and an abstract address");
    return notifier;
  }
  if (name->size() < 2 || name->size() >= sizeof notifier.address_.sun_path) {
    give_up("which is no address of a socket");
    return notifier;
  }
  notifier.address_.sun_family = AF_UNIX;
  std::memcpy(notifier.address_.sun_path, name->data(), name->size());
  if (abstract) notifier.address_.sun_path[0] = '\0';
  // Of an abstract address every byte counts; a path is given with its end.
  notifier.address_size_ =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name->size() + (abstract ? 0 : 1));
  notifier.socket_ = Descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!notifier.socket_) {
    give_up("and there is no socket to be had: " + SystemReason(errno));
    return notifier;
  }
  ::setsockopt(notifier.socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &kSendLimit, sizeof kSendLimit);
  notifier.name_ = *name;
  notifier.watchdog_ = watchdog;
  return notifier;
}

void ServiceNotifier::Ready(std::string_view status) { Send("READY=1" + StatusLine(status)); }

void ServiceNotifier::Reloading() {
  // The manager compares the time with that of its request: a message of an earlier reload does not count.
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto time = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  Send("RELOADING=1\nMONOTONIC_USEC=" + Microseconds(std::chrono::duration_cast<std::chrono::microseconds>(time)) +
       StatusLine("reloading"));
}

void ServiceNotifier::Stopping(std::chrono::milliseconds longest, std::string_view status) {
  Send("STOPPING=1" + ExtendLine(longest) + StatusLine(status));
}

void ServiceNotifier::Status(std::string_view status, std::optional<std::chrono::milliseconds> longest) {
  Send(StatusLine(status).substr(1) + (longest ? ExtendLine(*longest) : ""));
}

void ServiceNotifier::Alive() { Send("WATCHDOG=1"); }

void ServiceNotifier::Send(const std::string& message) {
  if (!socket_) return;
  ssize_t sent;
  do {
    sent = ::sendto(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&address_), address_size_);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0 || std::exchange(failure_told_, true)) return;
  Log(LogLevel::kWarning, "cannot tell the service manager at " + name_ + " anything: " + SystemReason(errno) +
               "; it may take this process for one that hangs");
}

}  // namespace iris
