// SPDX-License-Identifier: Apache-2.0
//
// A real server on the loopback that speaks TLS.

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/tls/server_tls_store.h"
#include "tests/serving/fixture.h"
#include "tests/tls/certificates.h"

namespace iris {

inline Running ServeTls(std::shared_ptr<const ServerTlsStore> store) {
  std::vector<ServedListener> listeners;
  listeners.push_back({.listener = ListenOnLoopback(), .tls = true});
  std::string address = listeners.front().listener.address();
  auto server = Server::Start(Served(), std::move(listeners), {.tls = std::move(store)});
  REQUIRE(server);
  return {std::move(address), *std::move(server)};
}

inline Running ServeTls(ServerTls tls) { return ServeTls(std::make_shared<const ServerTlsStore>(std::move(tls))); }

inline Running ServeTls(const Made& made, const std::string& client_trust = "") {
  return ServeTls(ServerTls{.identity = made.identity(), .client_trust = client_trust});
}

}  // namespace iris
