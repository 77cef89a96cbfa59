// SPDX-License-Identifier: Apache-2.0
//
// gRPC has two kinds of TLS credentials. The older, used here, can be given a function that it asks at every handshake
// for a newer certificate, and it keeps what it has when there is none, or when it cannot use it. The newer,
// "experimental", polls files, does not check that key and certificate match, and drops the old before it has tried the
// new. That function can be set in gRPC's C interface only.

#include "src/serving/credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <cstdint>
#include <string>
#include <utility>

namespace iris {
namespace {

// What one listener is served from. gRPC makes an SSL_CTX of each version that it is given and keeps it to the next, so
// handing one out costs no handshake anything but the first.
struct Source {
  std::shared_ptr<const ServerTlsStore> store;
  std::uint64_t handed_out = 0;  // guarded by a mutex of gRPC's, which it holds when it asks
};

grpc_ssl_certificate_config_reload_status Fetch(void* source_pointer, grpc_ssl_server_certificate_config** config) {
  Source& source = *static_cast<Source*>(source_pointer);
  const ServerTlsStore::Snapshot now = source.store->Get();
  if (now.version == source.handed_out) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  source.handed_out = now.version;
  const grpc_ssl_pem_key_cert_pair pair = {now.tls->identity.private_key.c_str(),
                                           now.tls->identity.certificate_chain.c_str()};
  // gRPC wants some trust here even where clients are not asked for a certificate (it asserts so, in its debug builds,
  // and believes nobody with it then): our own certificate, which is at hand.
  const std::string& trust = now.tls->client_trust;
  *config = grpc_ssl_server_certificate_config_create(trust.empty() ? pair.cert_chain : trust.c_str(), &pair, 1);
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

class TlsCredentials final : public grpc::ServerCredentials {
 public:
  explicit TlsCredentials(std::shared_ptr<const ServerTlsStore> store) : store_(std::move(store)) {}

  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}  // nobody has one

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    const auto request = store_->Get().tls->client_trust.empty()
                             ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                             : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
    auto* const source = new Source{.store = store_};
    grpc_server_credentials* const credentials = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(request, &Fetch, source));
    // The one thing that gRPC destroys together with credentials. As it has no function, no call goes through it.
    grpc_server_credentials_set_auth_metadata_processor(
        credentials,
        {.process = nullptr, .destroy = [](void* state) { delete static_cast<Source*>(state); }, .state = source});
    const int port = grpc_server_add_http2_port(server, address.c_str(), credentials);
    grpc_server_credentials_release(credentials);
    return port;
  }

  const std::shared_ptr<const ServerTlsStore> store_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MakePlaintextCredentials() { return grpc::InsecureServerCredentials(); }

std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(std::shared_ptr<const ServerTlsStore> store) {
  return std::make_shared<TlsCredentials>(std::move(store));
}

}  // namespace iris
