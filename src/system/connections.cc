// SPDX-License-Identifier: Apache-2.0

#include "src/system/connections.h"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

namespace iris {
namespace {

// Where nothing limits descriptors, there are not more than that, in all likelihood.
constexpr rlim_t kMostDescriptors = 1 << 20;

bool NameOf(int fd, sockaddr_storage& name) {
  name = {};
  socklen_t size = sizeof name;
  return getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) == 0;
}

in_port_t PortOf(const sockaddr_storage& name) {
  return name.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in&>(name).sin_port
                                   : reinterpret_cast<const sockaddr_in6&>(name).sin6_port;
}

}  // namespace

BoundName::BoundName(int listener) { NameOf(listener, address_); }

bool BoundName::IsOfConnection(int fd) const {
  sockaddr_storage name;
  if (!NameOf(fd, name) || name.ss_family != address_.ss_family) return false;
  int listening = 0;
  socklen_t size = sizeof listening;
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening != 0) return false;
  if (name.ss_family == AF_UNIX) {
    const auto& ours = reinterpret_cast<const sockaddr_un&>(address_);
    return ours.sun_path[0] != '\0' &&
           std::strncmp(ours.sun_path, reinterpret_cast<const sockaddr_un&>(name).sun_path, sizeof ours.sun_path) == 0;
  }
  return (name.ss_family == AF_INET || name.ss_family == AF_INET6) && PortOf(name) == PortOf(address_);
}

void ShutDownConnections(const std::vector<BoundName>& names) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = kMostDescriptors;
  const int end = static_cast<int>(std::min(limit.rlim_cur, kMostDescriptors));
  for (int fd = 0; fd < end; ++fd) {
    const auto came_here = [fd](const BoundName& name) { return name.IsOfConnection(fd); };
    if (std::ranges::any_of(names, came_here)) shutdown(fd, SHUT_RDWR);
  }
}

}  // namespace iris
