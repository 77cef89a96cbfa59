// SPDX-License-Identifier: Apache-2.0

#include "src/client/target.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string_view>

#include "src/base/descriptor.h"
#include "src/base/text.h"

namespace iris {
namespace {

// The loopback answers at once or not at all.
constexpr int kProbeMilliseconds = 250;

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~:/").find(c) != std::string_view::npos;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsUnreserved(c)) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

bool IsIpv4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

// A zone ("fe80::1%eth0") may follow.
bool IsIpv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.substr(0, host.find('%')).c_str(), &address) == 1;
}

bool IsLocalhost(std::string host) {
  for (char& c : host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return host == "localhost" || host.ends_with(".localhost");
}

bool Ipv6LoopbackAnswers(int port) {
  const Descriptor fd(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return false;
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<std::uint16_t>(port));
  address.sin6_addr = in6addr_loopback;
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  if (errno != EINPROGRESS) return false;
  pollfd connecting{.fd = fd.get(), .events = POLLOUT, .revents = 0};
  if (poll(&connecting, 1, kProbeMilliseconds) != 1) return false;
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

std::string Bracketed(const std::string& ipv6) { return "[" + ipv6 + "]"; }

std::unexpected<Error> RefuseHost(const std::string& host) {
  return Fail(ErrorCode::kInvalidArgument, Quote(host) +
                                               " is not a host; expected a name, an IPv4 or IPv6 address, or "
                                               "unix:PATH, for example --host localhost --port 50052");
}

}  // namespace

Result<Target> MakeTarget(const std::string& host, int port) {
  if (host.starts_with("unix:")) {
    std::string path = host.substr(5);
    if (path.empty()) return RefuseHost(host);
    while (path.starts_with("//")) path.erase(0, 1);  // or a URI would take it for a host
    return Target{.uri = "unix:" + PercentEncode(path), .authority = "localhost", .shown = host};
  }
  if (port < 1 || port > 65535) {
    return Fail(ErrorCode::kInvalidArgument,
                std::to_string(port) + " is not a port to connect to; expected 1 to 65535, for example --port 50052");
  }
  const std::string suffix = ":" + std::to_string(port);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const std::string bare = brackets ? host.substr(1, host.size() - 2) : host;

  if (IsIpv6(bare)) {
    const std::string shown = Bracketed(bare) + suffix;
    return Target{.uri = "ipv6:" + PercentEncode(shown), .authority = shown, .shown = shown};
  }
  if (brackets) return RefuseHost(host);
  const std::string shown = host + suffix;
  if (IsIpv4(host)) return Target{.uri = "ipv4:" + shown, .authority = shown, .shown = shown};
  if (IsLocalhost(host)) {
    const bool ipv6 = Ipv6LoopbackAnswers(port);
    const std::string uri = ipv6 ? "ipv6:" + PercentEncode(Bracketed("::1") + suffix) : "ipv4:127.0.0.1" + suffix;
    return Target{.uri = uri, .authority = shown, .shown = shown};
  }
  if (host.empty() || !std::ranges::all_of(host, IsNameCharacter)) return RefuseHost(host);
  return Target{.uri = "dns:///" + shown, .authority = shown, .shown = shown};
}

}  // namespace iris
