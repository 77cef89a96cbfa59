// SPDX-License-Identifier: Apache-2.0
//
// A client of a running server: what `predict` and `healthcheck` share, and in part `bench`.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/tls/identity.h"

namespace iris {

/// How a client speaks TLS. The server is always verified: its certificate against `trust`, and that it was made out to
/// the host that is called, or to `server_name`.
struct ClientTls {
  std::string trust;                    ///< PEM (src/tls/trust.h).
  std::optional<TlsIdentity> identity;  ///< Shown when the server asks for it.
  std::string server_name;              ///< To expect instead of the host; empty: the host.
};

/// Which server, and how patient to be.
struct ClientOptions {
  std::string host = "localhost";  ///< Name, address (IPv6 with or without brackets), or unix:PATH (then no port).
  int port = 50052;
  std::chrono::milliseconds timeout{5000};  ///< For connecting and for each call.
  std::optional<ClientTls> tls{};           ///< Nothing: plaintext.
};

class Client {
 public:
  /// Prepares a channel; connects on the first call. "localhost" needs no /etc/hosts: it is the loopback address that
  /// answers, IPv6 first (RFC 6761). Errors: kInvalidArgument.
  static Result<std::unique_ptr<Client>> Create(const ClientOptions& options);
  virtual ~Client() = default;

  /// Asks ml.IrisPredictor/PredictIrisSpecies for each sample, many calls in flight, answers in input order.
  /// Shape of samples: n × 4, row-major, in cm. Result: n class indices.
  /// Errors: kUnavailable (nobody listens, deadline, server went away, TLS failed), kInvalidArgument and others as
  /// the server says.
  virtual Result<std::vector<std::int32_t>> PredictIris(std::span<const double> samples) = 0;

  /// Asks grpc.health.v1.Health/Check for `service` ("" is the whole server). Result: true when SERVING.
  /// Errors: kUnavailable; kConfiguration when the server does not know the service.
  virtual Result<bool> CheckHealth(const std::string& service) = 0;
};

}  // namespace iris
