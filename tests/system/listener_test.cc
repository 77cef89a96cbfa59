// SPDX-License-Identifier: Apache-2.0

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/system/listener.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

Result<Listener> Open(std::string_view text) {
  const Result<ListenAddress> address = ParseListenAddress(text);
  REQUIRE(address);
  return Listener::Open(*address);
}

int PortOf(const Listener& listener) {
  return std::stoi(listener.address().substr(listener.address().rfind(':') + 1));
}

bool Connect(const Descriptor& fd, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool ConnectsOverIpv4(int port) { return Connect(Descriptor(socket(AF_INET, SOCK_STREAM, 0)), port); }

int Option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  getsockopt(fd, level, name, &value, &size);
  return value;
}

bool MachineHasIpv6() { return Open("[::1]:0").has_value(); }

TEST_CASE("port 0 is answered with the port that was chosen") {
  const Result<Listener> listener = Open("127.0.0.1:0");
  REQUIRE(listener);
  CHECK_THAT(listener->address(), StartsWith("127.0.0.1:"));
  CHECK(PortOf(*listener) > 0);
  CHECK(ConnectsOverIpv4(PortOf(*listener)));
}

TEST_CASE("a listener is non-blocking, close-on-exec and gives its connections TCP_NODELAY") {
  const Result<Listener> listener = Open("127.0.0.1:0");
  REQUIRE(listener);
  CHECK((fcntl(listener->fd(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK((fcntl(listener->fd(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(Option(listener->fd(), SOL_SOCKET, SO_ACCEPTCONN) == 1);
  CHECK(Option(listener->fd(), SOL_SOCKET, SO_REUSEPORT) == 0);
  REQUIRE(ConnectsOverIpv4(PortOf(*listener)));
  const Descriptor accepted(accept4(listener->fd(), nullptr, nullptr, SOCK_NONBLOCK));
  REQUIRE(accepted);
  CHECK(Option(accepted.get(), IPPROTO_TCP, TCP_NODELAY) != 0);
}

TEST_CASE("as many connections as the system allows wait to be accepted") {
  int allowed = 0;
  REQUIRE(std::ifstream("/proc/sys/net/core/somaxconn") >> allowed);
  const Result<Listener> listener = Open("127.0.0.1:0");
  REQUIRE(listener);
  std::vector<Descriptor> clients;
  for (int i = 0; i < std::min(allowed, 200); ++i) {
    const Descriptor& client = clients.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval limit{.tv_sec = 2, .tv_usec = 0};  // the system's own is two minutes
    setsockopt(client.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    CAPTURE(i);
    REQUIRE(Connect(client, PortOf(*listener)));
  }
}

TEST_CASE("[::] takes IPv4 connections too, and so does an empty host") {
  const std::string text = GENERATE("[::]:0", ":0");
  const Result<Listener> listener = Open(text);
  REQUIRE(listener);
  CHECK_THAT(listener->address(), StartsWith(MachineHasIpv6() ? "[::]:" : "0.0.0.0:"));
  CHECK(ConnectsOverIpv4(PortOf(*listener)));
}

TEST_CASE("an IPv6 address is printed with brackets") {
  if (!MachineHasIpv6()) SKIP("this machine has no IPv6");
  const Result<Listener> listener = Open("[::1]:0");
  REQUIRE(listener);
  CHECK_THAT(listener->address(), StartsWith("[::1]:"));
}

TEST_CASE("localhost is 127.0.0.1") {
  const Result<Listener> listener = Open("localhost:0");
  REQUIRE(listener);
  CHECK_THAT(listener->address(), StartsWith("127.0.0.1:"));
}

TEST_CASE("a port that is taken is refused with the way out") {
  const Result<Listener> first = Open("127.0.0.1:0");
  REQUIRE(first);
  const Result<Listener> second = Open(first->address());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kInUse);
  CHECK(second.error().message == "cannot listen on " + first->address() +
                                      ": address already in use; another server runs there? choose another with "
                                      "--listen HOST:PORT");
  // The IPv6 wildcard covers IPv4, so it must not slip past an IPv4 listener, nor fall back to a smaller address.
  const Result<Listener> any = Open(":" + std::to_string(PortOf(*first)));
  REQUIRE_FALSE(any);
  CHECK(any.error().code == ErrorCode::kInUse);
}

TEST_CASE("a port is free again as soon as its listener is gone, in spite of connections in TIME_WAIT") {
  std::string address;
  {
    const Result<Listener> listener = Open("127.0.0.1:0");
    REQUIRE(listener);
    address = listener->address();
    REQUIRE(ConnectsOverIpv4(PortOf(*listener)));
    const Descriptor accepted(accept4(listener->fd(), nullptr, nullptr, 0));
    REQUIRE(accepted);
  }
  CHECK(Open(address));
}

TEST_CASE("an address of another machine, and a name that nobody knows, are matters of configuration") {
  const auto [text, reason] = GENERATE(table<std::string, std::string>({
      {"192.0.2.1:0", "this machine has no such address"},  // RFC 5737: for documentation only
      {"does-not-exist.invalid:0", "the host is not known"},
  }));
  const Result<Listener> listener = Open(text);
  REQUIRE_FALSE(listener);
  CHECK(listener.error().code == ErrorCode::kConfiguration);
  CHECK_THAT(listener.error().message, ContainsSubstring(reason) && ContainsSubstring("[::]:0"));
}

TEST_CASE("a listener that is moved keeps its socket, and the one it replaces is closed") {
  Result<Listener> a = Open("127.0.0.1:0");
  Result<Listener> b = Open("127.0.0.1:0");
  REQUIRE((a && b));
  const int port_a = PortOf(*a);
  const int port_b = PortOf(*b);
  *a = std::move(*b);
  CHECK(PortOf(*a) == port_b);
  CHECK(ConnectsOverIpv4(port_b));
  CHECK_FALSE(ConnectsOverIpv4(port_a));
}

}  // namespace
}  // namespace iris
