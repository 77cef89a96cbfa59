// SPDX-License-Identifier: Apache-2.0
//
// The connections that were accepted from listeners, found again by the address they came to. For the end of a server:
// gRPC does not close a connection while it still has bytes for a peer that does not read.

#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <vector>

namespace iris {

/// What a listening socket is bound to.
class BoundName {
 public:
  /// Requires: `listener` is a bound socket.
  explicit BoundName(int listener);

  /// Whether `fd` is a connection that came to this name: for TCP to its port, for a Unix socket to its path.
  bool IsOfConnection(int fd) const;

 private:
  sockaddr_storage address_{};
};

/// How many connections of this process came to one of `names`.
std::size_t CountConnections(const std::vector<BoundName>& names);

/// Shuts down every connection of this process that came to one of `names`: what is written to it fails from then on.
/// Nothing is closed: whoever has the descriptor still does that.
void ShutDownConnections(const std::vector<BoundName>& names);

}  // namespace iris
