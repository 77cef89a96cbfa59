// SPDX-License-Identifier: Apache-2.0
//
// Listening sockets of our own: bound and listening before the gRPC server exists, so that "port taken" is the
// system's own error and not a guess, and so that inherited sockets and connection limits have one place.

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "src/base/descriptor.h"
#include "src/base/error.h"

namespace iris {

/// Where to listen: HOST:PORT, [IPV6]:PORT, :PORT (all interfaces) or unix:PATH.
struct ListenAddress {
  std::string host;       ///< Name or address without brackets; empty for a Unix socket.
  int port = 0;           ///< 0 lets the system choose. Unused for a Unix socket.
  std::string unix_path;  ///< Path of a Unix socket; empty for TCP.
};

/// Reads an address as above. Errors: kInvalidArgument with an example of a right one.
Result<ListenAddress> ParseListenAddress(std::string_view text);

/// How many connections may wait to be accepted: as many as the system allows (net.core.somaxconn), to which the kernel
/// cuts any larger number. SOMAXCONN will not do: it is what the C library was written with, and musl says 128.
inline constexpr int kBacklog = 65'535;

/// A bound, listening, non-blocking, close-on-exec stream socket. Movable; closes its descriptor, and removes the path
/// of a Unix socket that it made (if it is still that one), when destroyed.
class Listener {
 public:
  /// Binds and listens. `[::]` accepts IPv4 too, and falls back to 0.0.0.0 where the machine has no IPv6. "localhost"
  /// is 127.0.0.1 (or ::1 where there is no IPv4), whatever the machine's own tables say; any other name is resolved,
  /// and the first of its addresses that this machine has is bound. A Unix socket that a dead server left behind is
  /// replaced; a live one is an error.
  /// Errors: kInUse (port or path taken), kIo (no permission), kConfiguration (host unknown, or not an address of this
  /// machine); each says what to do.
  static Result<Listener> Open(const ListenAddress& address);

  /// Takes over a socket that somebody else bound, whose path (of a Unix socket) stays theirs. Errors: kConfiguration
  /// when it is not a listening stream socket of IPv4, IPv6 or the Unix domain; the message goes on from a name of it.
  static Result<Listener> Adopt(int fd);

  Listener(Listener&& other) noexcept = default;
  Listener& operator=(Listener&& other) noexcept;
  ~Listener();

  int fd() const { return fd_.get(); }
  /// What was bound, the chosen port included: "[::]:50052", "127.0.0.1:41235", "unix:/run/iris.sock".
  const std::string& address() const { return address_; }
  /// The path of a Unix socket that is removed when this is destroyed; null: there is none.
  const std::string* owned_path() const { return owned_path_ ? &owned_path_->path : nullptr; }

 private:
  /// The path that a Unix socket made, and how to know it again.
  struct OwnedPath {
    std::string path;
    dev_t device;
    ino_t inode;
  };

  Listener(Descriptor fd, std::string address, std::optional<OwnedPath> owned_path);
  static Result<Listener> OpenTcp(const ListenAddress& address);
  static Result<Listener> OpenUnix(const std::string& path);
  static std::string BoundAddress(int fd);  // of TCP
  void RemovePath();

  Descriptor fd_;
  std::string address_;
  std::optional<OwnedPath> owned_path_;
};

}  // namespace iris
