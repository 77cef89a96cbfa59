// SPDX-License-Identifier: Apache-2.0
//
// Unix sockets: a path on disk outlives the server that made it, so a path that is there already has to be looked at
// before it is replaced.

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "src/base/text.h"
#include "src/system/listener.h"

namespace iris {
namespace {

std::unexpected<Error> Refuse(const std::string& path, const std::string& reason) {
  return Fail(ErrorCode::kIo, "cannot listen on unix:" + path + ": " + reason);
}

// Makes way at `path`: nothing there is fine, a socket that nobody answers is removed, anything else stays.
Result<void> RemoveStaleSocket(const std::string& path, const sockaddr_un& name) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return Refuse(path, SystemReason(errno) + "; check the path and its permissions");
  }
  if (!S_ISSOCK(found.st_mode)) {
    return Refuse(path,
                  "there is a file that is not a socket; remove it, or choose another path with --listen unix:PATH");
  }
  const Descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe) return Refuse(path, SystemReason(errno));
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 || errno == EAGAIN) {
    return Fail(ErrorCode::kInUse, "cannot listen on unix:" + path +
                                       ": another server answers there; stop it, or choose another path with --listen "
                                       "unix:PATH");
  }
  if (errno == ENOENT) return {};
  if (errno != ECONNREFUSED) {
    return Refuse(path, "a socket is there that cannot be probed (" + SystemReason(errno) +
                            "); remove it, or choose another path with --listen unix:PATH");
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return Refuse(path, "the socket of a server that is gone cannot be removed: " + SystemReason(errno));
  }
  return {};
}

}  // namespace

Result<Listener> Listener::OpenUnix(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path) {
    return Fail(ErrorCode::kInvalidArgument,
                "cannot listen on unix:" + path + ": the path is too long for a socket; the system takes at most " +
                    std::to_string(sizeof name.sun_path - 1) + " bytes");
  }
  std::memcpy(name.sun_path, path.data(), path.size());

  const Result<void> free = RemoveStaleSocket(path, name);
  if (!free) return std::unexpected(free.error());

  Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return Refuse(path, SystemReason(errno));
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    return Refuse(path, SystemReason(errno) + "; check that the folder exists and may be written to");
  }
  struct stat made {};
  if (lstat(path.c_str(), &made) != 0) return Refuse(path, SystemReason(errno));
  Listener listener(std::move(fd), "unix:" + path, OwnedPath{path, made.st_dev, made.st_ino});
  if (listen(listener.fd(), kBacklog) != 0) return Refuse(path, SystemReason(errno));
  return listener;
}

}  // namespace iris
