// SPDX-License-Identifier: Apache-2.0
//
// gRPC has two kinds of TLS credentials. The older, used here, can be given a function that it asks at every handshake
// for a newer certificate (grpc_ssl_server_certificate_config_callback), and it keeps what it has when there is none;
// the newer, "experimental", polls files, does not check that key and certificate match, and drops the old before it
// has tried the new.

#include "src/serving/credentials.h"

namespace iris {

std::shared_ptr<grpc::ServerCredentials> MakePlaintextCredentials() { return grpc::InsecureServerCredentials(); }

std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(const ServerTls& tls) {
  grpc::SslServerCredentialsOptions options(tls.client_trust.empty()
                                                ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                                : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_key_cert_pairs = {{tls.identity.private_key, tls.identity.certificate_chain}};
  options.pem_root_certs = tls.client_trust;
  return grpc::SslServerCredentials(options);
}

}  // namespace iris
