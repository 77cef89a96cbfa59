// SPDX-License-Identifier: Apache-2.0

#include "src/cli/inherited_sockets.h"

#include <string>
#include <utility>

namespace iris {

Result<InheritedSockets> SortInherited(std::vector<InheritedListener> inherited, bool has_tls) {
  InheritedSockets sorted;
  for (InheritedListener& socket : inherited) {
    const std::string who = "socket activation: " + socket.listener.address() + " is named \"" + socket.name + "\"";
    if (socket.name == "admin") {
      if (sorted.admin) {
        return Fail(ErrorCode::kConfiguration,
                    who + ", and so is " + sorted.admin->address() +
                        "; there is one admin endpoint: take one ListenStream= out of the socket unit");
      }
      sorted.admin = std::move(socket.listener);
      continue;
    }
    if (socket.name == "tls" && !has_tls) {
      return Fail(ErrorCode::kConfiguration,
                  who + ", and there is no certificate; give one (--tls-cert and --tls-key, or LoadCredential=tls.crt "
                        "and tls.key), or name it \"plaintext\" (FileDescriptorName= in the socket unit)");
    }
    sorted.grpc.push_back({.listener = std::move(socket.listener), .tls = has_tls && socket.name != "plaintext"});
  }
  return sorted;
}

}  // namespace iris
