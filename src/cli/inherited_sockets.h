// SPDX-License-Identifier: Apache-2.0
//
// What is served on the sockets that a service manager opened: their names say so.

#pragma once

#include <optional>
#include <vector>

#include "src/base/error.h"
#include "src/serving/server.h"
#include "src/system/socket_activation.h"

namespace iris {

/// Inherited sockets by what is spoken on them.
struct InheritedSockets {
  std::vector<ServedListener> grpc{};
  std::optional<Listener> admin{};
};

/// Sorts them by name: "plaintext", "tls", "admin"; gRPC, over TLS where `has_tls`, on one of any other name. Errors:
/// kConfiguration when one is to speak TLS and there is none, or there are several for the one admin endpoint.
Result<InheritedSockets> SortInherited(std::vector<InheritedListener> inherited, bool has_tls);

}  // namespace iris
