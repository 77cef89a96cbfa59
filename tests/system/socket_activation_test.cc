// SPDX-License-Identifier: Apache-2.0
//
// Each test plays in a child of its own, whose descriptors from 3 up are those that a service manager leaves.

#include "src/system/socket_activation.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "tests/cli/capture.h"

namespace iris {
namespace {

int Tcp(int family, bool listening) {
  const int fd = ::socket(family, SOCK_STREAM, 0);
  sockaddr_in6 address{};  // all zero is the any-address, and a port of the system's choice
  address.sin6_family = static_cast<sa_family_t>(family);
  if (family == AF_INET6) address.sin6_addr = in6addr_loopback;
  ::bind(fd, reinterpret_cast<const sockaddr*>(&address), family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
  if (listening) ::listen(fd, 5);
  return fd;
}

int Unix(int type, const std::string& abstract) {
  const int fd = ::socket(AF_UNIX, type, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  abstract.copy(address.sun_path + 1, sizeof address.sun_path - 1);
  ::bind(fd, reinterpret_cast<const sockaddr*>(&address),
         static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + abstract.size()));
  ::listen(fd, 5);
  return fd;
}

/// "ADDRESS=NAME" of each that a child takes which inherits `sockets`, or its error.
std::string Taken(const std::vector<int>& sockets, const std::string& count, const std::string& names = "",
                  const std::string& pid = "self") {
  const Pipe answer;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::alarm(20);
    const int out = ::fcntl(answer.ends[1], F_DUPFD, 100);
    std::vector<int> kept;
    for (const int socket : sockets) kept.push_back(socket < 0 ? -1 : ::fcntl(socket, F_DUPFD, 100));
    for (int fd = 3; fd < 100; ++fd) ::close(fd);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (kept[i] >= 0) ::dup2(kept[i], 3 + static_cast<int>(i));
    }
    ::setenv("LISTEN_PID", pid == "self" ? std::to_string(::getpid()).c_str() : pid.c_str(), 1);
    ::setenv("LISTEN_FDS", count.c_str(), 1);
    ::setenv("LISTEN_PIDFDID", "1", 1);
    if (!names.empty()) ::setenv("LISTEN_FDNAMES", names.c_str(), 1);
    std::string text;
    {
      Result<std::vector<InheritedListener>> taken = TakeInheritedListeners();
      if (!taken) text = (taken.error().code == ErrorCode::kConfiguration ? "78: " : "?: ") + taken.error().message;
      if (taken) {
        for (const InheritedListener& each : *taken) {
          const int fd = each.listener.fd();
          const std::string address = each.listener.address();
          text += address.substr(0, address.rfind(':')) + "=" + each.name + " ";
          if ((::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0 || (::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0) text += "FLAGS ";
        }
      }
    }
    for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"}) {
      if (::getenv(variable) != nullptr) text += std::string(" LEFT ") + variable;
    }
    [[maybe_unused]] const ssize_t written = ::write(out, text.data(), text.size());
    ::_exit(0);
  }
  ::close(answer.ends[1]);
  const std::string text = Drained(answer.ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  return text;
}

const std::string kExpected =
    ", expected a listening stream socket of IPv4, IPv6 or the Unix domain (ListenStream= and Accept=no in the socket "
    "unit)";

TEST_CASE("listening sockets are taken with their names", "[socket_activation]") {
  const std::string abstract = "iris-activation-" + std::to_string(::getpid());
  const std::vector<int> sockets = {Tcp(AF_INET, true), Tcp(AF_INET6, true), Unix(SOCK_STREAM, abstract)};
  CHECK(Taken(sockets, "3", "grpc:plaintext:admin") == "0.0.0.0=grpc [::1]=plaintext unix=admin ");
  CHECK(Taken(sockets, "3") == "0.0.0.0=unknown [::1]=unknown unix=unknown ");
  CHECK(Taken(sockets, "2", "a:") == "0.0.0.0=a [::1]= ");
  CHECK(Taken(sockets, "0").empty());
  for (const int fd : sockets) ::close(fd);
}

TEST_CASE("those of another process are left alone", "[socket_activation]") {
  const int fd = Tcp(AF_INET, true);
  CHECK(Taken({fd}, "1", "grpc", "1").empty());
  CHECK(Taken({fd}, "nonsense", "", "1").empty());
  CHECK(Taken({fd}, "", "grpc").empty());
  CHECK(Taken({fd}, "1", "grpc", "").empty());
  ::close(fd);
}

TEST_CASE("what is no listening stream socket is refused", "[socket_activation]") {
  const auto refused = [](int fd, const std::string& found) {
    CHECK(Taken({fd}, "1", "grpc") == "78: socket activation: descriptor 3 (grpc) " + found + kExpected);
    if (fd >= 0) ::close(fd);
  };
  refused(Tcp(AF_INET, false), "is a stream socket that does not listen");
  refused(::socket(AF_INET, SOCK_DGRAM, 0), "is a datagram socket");
  refused(Unix(SOCK_SEQPACKET, "iris-seqpacket-" + std::to_string(::getpid())), "is a sequential-packet socket");
  refused(::socket(AF_NETLINK, SOCK_RAW, 0), "is a socket of another domain (16)");
  refused(::open("/dev/null", O_RDONLY), "is no socket");
  refused(-1, "is not open");
  CHECK(Taken({-1}, "1", "a\x1b\x7f") == "78: socket activation: descriptor 3 (a?\?) is not open" + kExpected);
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  refused(pair[0], "is a stream socket that does not listen");
  ::close(pair[1]);
}

TEST_CASE("variables that make no sense are refused", "[socket_activation]") {
  const int fd = Tcp(AF_INET, true);
  const auto starts = [](const std::string& what) { return Catch::Matchers::StartsWith("78: socket activation: " + what); };
  CHECK_THAT(Taken({fd}, "one"), starts("LISTEN_FDS is \"one\", expected a number of sockets up to 1024"));
  CHECK_THAT(Taken({fd}, "-1"), starts("LISTEN_FDS is \"-1\""));
  CHECK_THAT(Taken({fd}, "9999999999"), starts("LISTEN_FDS is \"9999999999\""));
  CHECK_THAT(Taken({fd}, "1", "a:b"), starts("LISTEN_FDNAMES is \"a:b\", expected as many names"));
  CHECK_THAT(Taken({fd}, "1", "", "me"), starts("LISTEN_PID is \"me\", expected a process id"));
  ::close(fd);
}

}  // namespace
}  // namespace iris
