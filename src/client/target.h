// SPDX-License-Identifier: Apache-2.0
//
// From what a person types to what gRPC dials.

#pragma once

#include <string>

#include "src/base/error.h"

namespace iris {

/// A server's address in its three forms.
struct Target {
  std::string uri;        ///< For gRPC: "ipv4:127.0.0.1:50052", "ipv6:%5B::1%5D:50052", "dns:///host:50052".
  std::string authority;  ///< For the request's :authority: "host:50052"; "localhost" for a Unix socket.
  std::string shown;      ///< For messages: "host:50052", "[::1]:50052", "unix:/path".
};

/// Makes a target of a name, an IPv4 address, an IPv6 address with or without brackets, or unix:PATH (then `port` is
/// not used). "localhost" and names below it are the loopback (RFC 6761), never looked up: ::1 if something listens on
/// the port there (found out by connecting), else 127.0.0.1. Errors: kInvalidArgument.
Result<Target> MakeTarget(const std::string& host, int port);

}  // namespace iris
