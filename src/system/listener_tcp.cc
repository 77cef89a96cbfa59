// SPDX-License-Identifier: Apache-2.0

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "src/base/text.h"
#include "src/system/listener.h"

namespace iris {
namespace {

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};

std::string Name(const ListenAddress& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

void SetPort(Endpoint& endpoint, int port) {
  const in_port_t value = htons(static_cast<in_port_t>(port));
  if (endpoint.address.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(&endpoint.address)->sin6_port = value;
  } else {
    reinterpret_cast<sockaddr_in*>(&endpoint.address)->sin_port = value;
  }
}

// The addresses behind one host, or getaddrinfo's code.
std::expected<std::vector<Endpoint>, int> Resolve(const std::string& host, int port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (code != 0) return std::unexpected(code);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  std::vector<Endpoint> endpoints;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    Endpoint& endpoint = endpoints.emplace_back();
    std::memcpy(&endpoint.address, entry->ai_addr, entry->ai_addrlen);
    endpoint.size = entry->ai_addrlen;
    SetPort(endpoint, port);
  }
  return endpoints;
}

// Every endpoint worth trying, the preferred one first. The names with a fixed meaning are not left to the machine's
// tables, which an image FROM scratch does not have.
std::expected<std::vector<Endpoint>, int> Candidates(const ListenAddress& address) {
  std::vector<std::string> fixed;
  if (address.host == "localhost") fixed = {"127.0.0.1", "::1"};
  if (address.host == "::") fixed = {"::", "0.0.0.0"};  // the latter where the machine has no IPv6
  if (fixed.empty()) {
    const auto literal = Resolve(address.host, address.port, AI_PASSIVE | AI_NUMERICHOST);
    return literal ? literal : Resolve(address.host, address.port, AI_PASSIVE);
  }
  std::vector<Endpoint> endpoints;
  for (const std::string& host : fixed) {
    auto more = Resolve(host, address.port, AI_PASSIVE | AI_NUMERICHOST);
    if (!more) return more;
    endpoints.insert(endpoints.end(), more->begin(), more->end());
  }
  return endpoints;
}

// A listening socket, or errno.
std::expected<Descriptor, int> Listen(const Endpoint& endpoint) {
  const int family = endpoint.address.ss_family;
  Descriptor fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (!fd) return std::unexpected(errno);
  const int on = 1;
  const int off = 0;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // a restart need not wait for TIME_WAIT
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted sockets inherit it
  if (family == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.size) != 0) {
    return std::unexpected(errno);
  }
  if (listen(fd.get(), kBacklog) != 0) return std::unexpected(errno);
  return fd;
}

std::unexpected<Error> Explain(const ListenAddress& address, int error) {
  const std::string what = "cannot listen on " + Name(address) + ": ";
  const std::string another = "; choose another with --listen HOST:PORT";
  switch (error) {
    case EADDRINUSE:
      return Fail(ErrorCode::kInUse, what + "address already in use; another server runs there?" + another.substr(1));
    case EACCES:
      return Fail(ErrorCode::kIo, what + "permission denied; ports below 1024 need CAP_NET_BIND_SERVICE" + another);
    case EADDRNOTAVAIL:
      return Fail(ErrorCode::kConfiguration,
                  what + "this machine has no such address; [::]:" + std::to_string(address.port) + " listens on all");
    default:
      return Fail(ErrorCode::kIo, what + SystemReason(error) + another);
  }
}

bool FamilyIsMissing(int error) {
  return error == EAFNOSUPPORT || error == EADDRNOTAVAIL || error == EPROTONOSUPPORT;
}

}  // namespace

std::string Listener::BoundAddress(int fd) {
  Endpoint bound;
  bound.size = sizeof bound.address;
  char host[NI_MAXHOST] = "";
  char port[NI_MAXSERV] = "";
  getsockname(fd, reinterpret_cast<sockaddr*>(&bound.address), &bound.size);
  getnameinfo(reinterpret_cast<sockaddr*>(&bound.address), bound.size, host, sizeof host, port, sizeof port,
              NI_NUMERICHOST | NI_NUMERICSERV);
  const bool ipv6 = bound.address.ss_family == AF_INET6;
  return (ipv6 ? "[" + std::string(host) + "]" : std::string(host)) + ":" + port;
}

Result<Listener> Listener::OpenTcp(const ListenAddress& address) {
  const auto candidates = Candidates(address);
  if (!candidates || candidates->empty()) {
    const std::string reason = candidates ? "it has no IP address" : gai_strerror(candidates.error());
    return Fail(ErrorCode::kConfiguration, "cannot listen on " + Name(address) + ": the host is not known (" + reason +
                                               "); give an address of this machine, or [::]:" +
                                               std::to_string(address.port) + " for all");
  }
  int first_error = 0;
  for (const Endpoint& endpoint : *candidates) {
    auto fd = Listen(endpoint);
    if (fd) {
      std::string bound = BoundAddress(fd->get());
      return Listener(std::move(*fd), std::move(bound), std::nullopt);
    }
    if (first_error == 0) first_error = fd.error();
    // A port that is taken on the preferred address must not slip silently to another one.
    if (!FamilyIsMissing(fd.error())) return Explain(address, fd.error());
  }
  return Explain(address, first_error);
}

}  // namespace iris
