// SPDX-License-Identifier: Apache-2.0
//
// What gRPC does to a connection before any call: nothing, or a TLS handshake.

#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "src/serving/server.h"

namespace iris {

/// Plaintext.
std::shared_ptr<grpc::ServerCredentials> MakePlaintextCredentials();

/// TLS 1.2 or 1.3 with ALPN h2 and ephemeral keys (ECDHE) and authenticated encryption (AES-GCM) only, which are
/// gRPC's own settings.
/// Source: gRPC 1.51.1, src/core/lib/security/security_connector/ssl_utils.cc, grpc_ssl_cipher_suites.
std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(const ServerTls& tls);

}  // namespace iris
