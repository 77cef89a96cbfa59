// SPDX-License-Identifier: Apache-2.0

#include "src/cli/tls_options.h"

#include <utility>

#include <CLI/CLI.hpp>

#include "src/cli/options.h"
#include "src/tls/trust.h"

namespace iris {
namespace {

Error In(const char* option, Error error) { return {error.code, option + (": " + error.message)}; }

/// The identity in the two files, of which one may be missing: that is refused.
Result<TlsIdentity> LoadIdentity(const std::string& certificate, const std::string& key) {
  if (certificate.empty() || key.empty()) {
    const std::string found = key.empty() ? "--tls-cert is given without --tls-key"
                                          : "--tls-key is given without --tls-cert";
    return Fail(ErrorCode::kConfiguration,
                found + "; a certificate (IRIS_TLS_CERT) and its private key (IRIS_TLS_KEY) belong together");
  }
  Result<TlsIdentity> identity = LoadTlsIdentity(certificate, key);
  if (!identity) return std::unexpected(In("TLS", identity.error()));
  return identity;
}

Result<std::optional<TlsIdentity>> LoadClientIdentity(const ClientTlsOptions& options) {
  if (options.certificate.empty() && options.key.empty()) return std::nullopt;
  Result<TlsIdentity> identity = LoadIdentity(options.certificate, options.key);
  if (!identity) return std::unexpected(identity.error());
  return *std::move(identity);
}

}  // namespace

void AddServerTlsOptions(CLI::App& app, ServerTlsOptions& target) {
  AddText(app, "--tls-cert", "FILE",
          "speak TLS on every listener, with this certificate (PEM; those that lead to its CA may follow it)",
          target.certificate);
  AddText(app, "--tls-key", "FILE", "its private key (PEM, not encrypted)", target.key);
  AddText(app, "--tls-client-ca", "FILE",
          "only serve clients that show a certificate which one of these certificates (PEM) issued", target.client_ca);
}

Result<std::optional<ServerTls>> LoadServerTls(const ServerTlsOptions& options) {
  if (options.certificate.empty() && options.key.empty()) {
    if (options.client_ca.empty()) return std::nullopt;
    return Fail(ErrorCode::kConfiguration,
                "--tls-client-ca is given without --tls-cert and --tls-key; clients can only be verified over TLS");
  }
  Result<TlsIdentity> identity = LoadIdentity(options.certificate, options.key);
  if (!identity) return std::unexpected(identity.error());
  ServerTls tls{.identity = *std::move(identity), .client_trust = ""};
  if (options.client_ca.empty()) return tls;
  Result<std::string> trust = LoadTrust(options.client_ca);
  if (!trust) return std::unexpected(In("--tls-client-ca", trust.error()));
  tls.client_trust = *std::move(trust);
  return tls;
}

const CLI::Option* AddClientTlsOptions(CLI::App& app, ClientTlsOptions& target) {
  AddFlag(app, "--tls", "speak TLS; the other TLS options imply it", target.on);
  AddText(app, "--tls-ca", "FILE", "believe a server whose certificate one of these certificates (PEM) issued",
          target.ca)
      ->default_str("the system's");
  const CLI::Option* certificate =
      AddText(app, "--tls-cert", "FILE", "the client certificate (PEM), for a server that asks for one",
              target.certificate);
  AddText(app, "--tls-key", "FILE", "its private key (PEM, not encrypted)", target.key);
  AddText(app, "--tls-server-name", "NAME", "the name that the server's certificate must bear, instead of the host's",
          target.server_name);
  return certificate;
}

Result<std::optional<ClientTls>> LoadClientTls(const ClientTlsOptions& options) {
  Result<std::optional<TlsIdentity>> identity = LoadClientIdentity(options);
  if (!identity) return std::unexpected(identity.error());
  if (!options.on && options.ca.empty() && !*identity && options.server_name.empty()) return std::nullopt;
  Result<std::string> trust = options.ca.empty() ? LoadSystemTrust() : LoadTrust(options.ca);
  if (!trust) return std::unexpected(In("--tls-ca", trust.error()));
  return ClientTls{.trust = *std::move(trust), .identity = *std::move(identity), .server_name = options.server_name};
}

Result<std::optional<ClientTls>> LoadTlsOfOwnServer(const ClientTlsOptions& options) {
  if (!options.ca.empty()) return LoadClientTls(options);
  Result<std::optional<TlsIdentity>> identity = LoadClientIdentity(options);
  if (!identity) return std::unexpected(identity.error());
  Result<PinnedCertificate> pinned = LoadPinnedCertificate(options.certificate);
  if (!pinned) return std::unexpected(In("--tls-cert", pinned.error()));
  return ClientTls{.trust = std::move(pinned->trust),
                   .identity = *std::move(identity),
                   .server_name = options.server_name.empty() ? std::move(pinned->name) : options.server_name};
}

}  // namespace iris
