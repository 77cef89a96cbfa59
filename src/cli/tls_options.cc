// SPDX-License-Identifier: Apache-2.0

#include "src/cli/tls_options.h"

#include <utility>

#include "src/cli/credentials_directory.h"
#include "src/cli/options.h"
#include "src/system/log.h"
#include "src/tls/trust.h"

namespace iris {
namespace {

Error In(const char* option, Error error) { return {error.code, option + (": " + error.message)}; }

/// Refuses one of the two without the other.
Result<void> CheckPair(const std::string& certificate, const std::string& key) {
  if (!certificate.empty() && !key.empty()) return {};
  const std::string found = key.empty() ? "--tls-cert is given without --tls-key"
                                        : "--tls-key is given without --tls-cert";
  return Fail(ErrorCode::kConfiguration,
              found + "; a certificate (IRIS_TLS_CERT) and its private key (IRIS_TLS_KEY) belong together");
}

/// Nothing when no option asks for TLS.
Result<std::optional<ServerTlsFiles>> FilesOf(const ServerTlsOptions& options) {
  if (options.certificate.empty() && options.key.empty()) {
    if (options.client_ca.empty()) return std::nullopt;
    return Fail(ErrorCode::kConfiguration,
                "--tls-client-ca is given without --tls-cert and --tls-key; clients can only be verified over TLS");
  }
  const Result<void> pair = CheckPair(options.certificate, options.key);
  if (!pair) return std::unexpected(pair.error());
  return ServerTlsFiles{.certificate = options.certificate, .key = options.key, .client_ca = options.client_ca};
}

Result<std::optional<TlsIdentity>> LoadClientIdentity(const ClientTlsOptions& options) {
  if (options.certificate.empty() && options.key.empty()) return std::nullopt;
  const Result<void> pair = CheckPair(options.certificate, options.key);
  if (!pair) return std::unexpected(pair.error());
  Result<TlsIdentity> identity = LoadTlsIdentity(options.certificate, options.key);
  if (!identity) return std::unexpected(In("TLS", identity.error()));
  return *std::move(identity);
}

}  // namespace

void AddServerTlsOptions(CommandDefinition& app, ServerTlsOptions& target) {
  AddText(app, "--tls-cert", "FILE",
          "speak TLS on every --listen address, with this certificate (PEM; those that lead to its CA may follow it)",
          target.certificate);
  AddText(app, "--tls-key", "FILE", "its private key (PEM, not encrypted)", target.key);
  AddText(app, "--tls-client-ca", "FILE",
          "only serve clients that show a certificate which one of these certificates (PEM) issued", target.client_ca);
  AddSeconds(app, "--tls-reload-interval", "how often to look whether those files have changed; 0: only at SIGHUP",
             std::chrono::milliseconds(0), target.reload_interval)
      ->set_default_text("10");
}

Result<std::shared_ptr<ServerTlsStore>> LoadServerTls(const ServerTlsOptions& options) {
  Result<std::optional<ServerTlsFiles>> files = FilesOf(options);
  if (files && !*files) {
    const std::optional<std::string> directory = CredentialsDirectory();
    files = FindCredentials(directory);
    if (files && *files) {
      Log(LogLevel::kInfo,
          "TLS with tls.crt, tls.key" + std::string((*files)->client_ca.empty() ? "" : ", client-ca.crt") +
              " of $CREDENTIALS_DIRECTORY (" + *directory + ")");
    }
  }
  if (!files) return std::unexpected(files.error());
  if (!*files) return nullptr;
  Result<std::shared_ptr<ServerTlsStore>> store = ServerTlsStore::Load(**std::move(files));
  if (!store) return std::unexpected(In("TLS", store.error()));
  return store;
}

const Option* AddClientTlsOptions(CommandDefinition& app, ClientTlsOptions& target) {
  AddFlag(app, "--tls", "speak TLS; the other TLS options imply it", target.on);
  AddText(app, "--tls-ca", "FILE", "believe a server whose certificate one of these certificates (PEM) issued",
          target.ca)
      ->set_default_text("the system's");
  const Option* certificate =
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
