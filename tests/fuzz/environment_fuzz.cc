// SPDX-License-Identifier: Apache-2.0
//
// What a service manager says in the environment: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID, LISTEN_PID, LISTEN_FDS,
// LISTEN_FDNAMES. The input is their values, a line each; "$" in front of a line stands for this process's id, and an
// empty first line for a socket of the target's own, whose end then gets exactly what was said. Afterwards none of the
// variables is left.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>

#include "src/system/log.h"
#include "src/system/notify.h"
#include "src/system/socket_activation.h"
#include "tests/fuzz/fuzz.h"

namespace iris {
namespace {

constexpr int kFirst = 3;
constexpr int kSockets = 2;
constexpr std::array<const char*, 6> kVariables = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
                                                   "LISTEN_PID",    "LISTEN_FDS",    "LISTEN_FDNAMES"};

/// Where nobody else looks for them: listening sockets, and the manager's.
struct Sockets {
  int listening = -1;
  int manager = -1;
  int nothing = -1;
  std::string name;

  Sockets() {
    listening = MoveUp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    fuzz::Require(::listen(listening, 1) == 0, "a listening socket");
    nothing = MoveUp(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    manager = MoveUp(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    name = "@iris-fuzz-" + std::to_string(::getpid());
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    name.copy(address.sun_path, name.size());
    address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    fuzz::Require(::bind(manager, reinterpret_cast<sockaddr*>(&address), size) == 0, "a manager's socket");
    HandOver();
  }

  /// What is handed over: listening sockets, and behind them no socket, where taking them ends. Always occupied:
  /// libFuzzer opens descriptors of its own, which must not come to lie there.
  void HandOver() const {
    for (int i = 0; i < kSockets; ++i) ::dup3(listening, kFirst + i, O_CLOEXEC);
    ::dup3(nothing, kFirst + kSockets, O_CLOEXEC);
  }

  static int MoveUp(int fd) {
    const int high = ::fcntl(fd, F_DUPFD_CLOEXEC, 100);
    fuzz::Require(high >= 100, "a descriptor");
    ::close(fd);
    return high;
  }
};

void CheckNotifier(const Sockets& sockets, std::string_view status) {
  const ServiceNotifier told = ServiceNotifier::FromEnvironment();
  if (const auto watchdog = told.watchdog()) fuzz::Require(watchdog->count() > 0, "a watchdog's time");
  ::setenv("NOTIFY_SOCKET", sockets.name.c_str(), 1);
  ServiceNotifier notifier = ServiceNotifier::FromEnvironment();
  fuzz::Require(notifier.wanted(), "the target's own socket is one");
  notifier.Ready(status);
  std::string message(1 << 18, '\0');
  const ssize_t got = ::recv(sockets.manager, message.data(), message.size(), MSG_DONTWAIT);
  fuzz::Require(got > 0, "the manager is told");
  message.resize(static_cast<std::size_t>(got));
  fuzz::Require(message.starts_with("READY=1\nSTATUS=") && message.find('\n', 8) == message.npos,
                "in one assignment a line:", message);
}

const Sockets& Shared() {
  static const Sockets sockets;
  return sockets;
}

}  // namespace
}  // namespace iris

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  iris::Shared();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iris;
  const Sockets& sockets = Shared();
  SetLogLevel(LogLevel::kError);
  std::string_view rest = fuzz::Text(data, std::min<std::size_t>(size, 4096));
  const std::string_view whole = rest;
  for (const char* const variable : kVariables) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string value(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (value.starts_with('$')) value = std::to_string(::getpid()) + value.substr(1);
    ::setenv(variable, value.c_str(), 1);  // up to a zero byte
  }
  sockets.HandOver();
  {
    const Result<std::vector<InheritedListener>> listeners = TakeInheritedListeners();
    if (!listeners) fuzz::RequireMessage(listeners.error().message);
    if (listeners) fuzz::Require(listeners->size() <= kSockets, "no more sockets than there are");
  }
  sockets.HandOver();
  CheckNotifier(sockets, whole);
  for (const char* const variable : kVariables) {
    fuzz::Require(std::getenv(variable) == nullptr, "left behind:", variable);
  }
  return 0;
}
