// SPDX-License-Identifier: Apache-2.0
//
// Sockets that somebody else bound: looked at before they are served, because a wrong one would fail much later, and
// say nothing of why.

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <utility>

#include "src/base/text.h"
#include "src/system/listener.h"

namespace iris {
namespace {

std::unexpected<Error> Refuse(const std::string& found) {
  return Fail(ErrorCode::kConfiguration,
              found + ", expected a listening stream socket of IPv4, IPv6 or the Unix domain (ListenStream= and "
                      "Accept=no in the socket unit)");
}

std::optional<int> Option(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(fd, SOL_SOCKET, option, &value, &size) != 0) return std::nullopt;
  return value;
}

/// "unix:/run/iris.sock", "unix:@abstract".
std::string UnixName(const sockaddr_un& name, socklen_t size) {
  if (size <= offsetof(sockaddr_un, sun_path)) return "unix:(unnamed)";
  std::string path(name.sun_path, size - offsetof(sockaddr_un, sun_path));
  if (path[0] == '\0') return "unix:@" + path.substr(1);
  return "unix:" + path.substr(0, path.find('\0'));
}

}  // namespace

Result<Listener> Listener::Adopt(int number) {
  const int flags = ::fcntl(number, F_GETFL);
  if (flags < 0) return Refuse("is not open");
  Descriptor fd(number);
  const std::optional<int> domain = Option(number, SO_DOMAIN);
  if (!domain) return Refuse("is no socket");
  if (*domain != AF_INET && *domain != AF_INET6 && *domain != AF_UNIX) {
    return Refuse("is a socket of another domain (" + std::to_string(*domain) + ")");
  }
  const std::optional<int> type = Option(number, SO_TYPE);
  if (type == SOCK_DGRAM) return Refuse("is a datagram socket");
  if (type == SOCK_SEQPACKET) return Refuse("is a sequential-packet socket");
  if (type != SOCK_STREAM) return Refuse("is a socket of another type");
  if (Option(number, SO_ACCEPTCONN).value_or(0) == 0) return Refuse("is a stream socket that does not listen");
  if (::fcntl(number, F_SETFL, flags | O_NONBLOCK) != 0 || ::fcntl(number, F_SETFD, FD_CLOEXEC) != 0) {
    return Fail(ErrorCode::kIo, "cannot be used: " + SystemReason(errno));
  }
  if (*domain != AF_UNIX) {
    const int on = 1;
    ::setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted sockets inherit it
    std::string address = BoundAddress(number);
    return Listener(std::move(fd), std::move(address), std::nullopt);
  }
  sockaddr_un name{};
  socklen_t size = sizeof name;
  ::getsockname(number, reinterpret_cast<sockaddr*>(&name), &size);
  return Listener(std::move(fd), UnixName(name, size), std::nullopt);  // its path belongs to whoever made it
}

}  // namespace iris
