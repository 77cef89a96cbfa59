// SPDX-License-Identifier: Apache-2.0

#include "src/system/connections.h"

#include <dirent.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <numeric>
#include <string_view>
#include <system_error>

namespace iris {
namespace {

// Where nothing limits descriptors, there are not more than that, in all likelihood.
constexpr rlim_t kMostDescriptors = 1 << 20;

// The descriptors of this process: as /proc lists them, and where it is not mounted, all that there may be.
std::vector<int> OpenDescriptors() {
  std::vector<int> open;
  if (DIR* const folder = opendir("/proc/self/fd"); folder != nullptr) {
    while (const dirent* const entry = readdir(folder)) {
      const std::string_view name = entry->d_name;
      int fd = 0;
      if (std::from_chars(name.data(), name.data() + name.size(), fd).ec == std::errc()) open.push_back(fd);
    }
    closedir(folder);
    return open;
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = kMostDescriptors;
  open.resize(std::min(limit.rlim_cur, kMostDescriptors));
  std::iota(open.begin(), open.end(), 0);
  return open;
}

bool NameOf(int fd, sockaddr_storage& name) {
  name = {};
  socklen_t size = sizeof name;
  return getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) == 0;
}

in_port_t PortOf(const sockaddr_storage& name) {
  return name.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in&>(name).sin_port
                                   : reinterpret_cast<const sockaddr_in6&>(name).sin6_port;
}

bool CameTo(const std::vector<BoundName>& names, int fd) {
  return std::ranges::any_of(names, [fd](const BoundName& name) { return name.IsOfConnection(fd); });
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

std::size_t CountConnections(const std::vector<BoundName>& names) {
  std::size_t count = 0;
  for (const int fd : OpenDescriptors()) {
    if (CameTo(names, fd)) ++count;
  }
  return count;
}

void ShutDownConnections(const std::vector<BoundName>& names) {
  for (const int fd : OpenDescriptors()) {
    if (CameTo(names, fd)) shutdown(fd, SHUT_RDWR);
  }
}

}  // namespace iris
