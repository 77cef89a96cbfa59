// SPDX-License-Identifier: Apache-2.0
//
// What gRPC does to a connection before any call: nothing, or a TLS handshake.

#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "src/tls/server_tls_store.h"

namespace iris {

/// Plaintext.
std::shared_ptr<grpc::ServerCredentials> MakePlaintextCredentials();

/// TLS 1.2 or 1.3 with ALPN h2 and ephemeral keys (ECDHE) and authenticated encryption (AES-GCM) only, which are
/// gRPC's own settings. Each handshake gets what `store` holds when it begins; connections keep what they began with. A
/// session that was begun with an older certificate or client trust is not resumed.
/// Requires: the connections of one listener are handed to gRPC by one thread; it changes certificates unlocked.
/// Source: gRPC 1.51.1, src/core/lib/security/security_connector/ssl_utils.cc, grpc_ssl_cipher_suites.
std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(std::shared_ptr<const ServerTlsStore> store);

}  // namespace iris
