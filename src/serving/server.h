// SPDX-License-Identifier: Apache-2.0
//
// The gRPC server as the rest of the program sees it: started on listeners, drained, destroyed. The implementation is
// the only place that knows gRPC's server API. Threading: Start, Drain and the destructor belong to one thread; the
// server's own threads never call back into the caller.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/svm/model.h"
#include "src/system/listener.h"
#include "src/tls/identity.h"

namespace iris {

/// How a server speaks TLS.
struct ServerTls {
  TlsIdentity identity;
  std::string client_trust;  ///< PEM: clients must show a certificate that these vouch for; empty: none is asked for.
};

/// What a server is started with.
struct ServerOptions {
  bool reflection = true;          ///< Serve grpc.reflection.v1alpha.
  std::optional<ServerTls> tls{};  ///< On every listener; nothing: plaintext.
};

class Server {
 public:
  /// Serves `model` on every one of `listeners` (taken over). When it returns, connections are accepted and the
  /// standard health service says SERVING for "" and "ml.IrisPredictor".
  /// Errors: kIo when threads or descriptors cannot be had.
  static Result<std::unique_ptr<Server>> Start(std::shared_ptr<const Model> model, std::vector<Listener> listeners,
                                               const ServerOptions& options);
  virtual ~Server() = default;

  /// Health turns NOT_SERVING, watchers are told, new connections are refused, GOAWAY is sent, and calls in flight may
  /// finish within `deadline`; what is left then is cancelled. Returns whether all of them finished. Only calls are
  /// waited for: connections without any, and reflection streams, are closed a moment after the last call.
  virtual bool Drain(std::chrono::milliseconds deadline) = 0;
};

}  // namespace iris
