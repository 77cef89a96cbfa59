// SPDX-License-Identifier: Apache-2.0
//
// healthcheck: what a container's HEALTHCHECK runs. Silent when all is well.

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/credentials_directory.h"
#include "src/cli/exit_code.h"
#include "src/cli/options.h"
#include "src/cli/server_address.h"
#include "src/cli/tls_options.h"
#include "src/client/client.h"
#include "src/system/signals.h"

namespace iris {
namespace {

struct HealthcheckOptions {
  ClientOptions server;
  ClientTlsOptions tls;
  std::string service;
};

ExitCode Healthcheck(const HealthcheckOptions& options) {
  const Result<std::unique_ptr<Client>> client = Client::Create(options.server);
  if (!client) return Report(client.error());
  const Result<bool> healthy = (*client)->CheckHealth(options.service);
  if (!healthy) {
    // Whatever kept the answer away, the check ran and the server did not say that it is well.
    PrintMessage(healthy.error().message);
    return ExitCode::kCheckFailed;
  }
  if (*healthy) return ExitCode::kOk;
  PrintMessage((options.service.empty() ? "the server" : "service '" + options.service + "'") +
               std::string(" is not serving; it may be starting or draining"));
  return ExitCode::kCheckFailed;
}

/// What a variable of the server's own environment holds; empty when it is not set.
std::string Setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// What the command line says of the server to be asked.
struct Given {
  bool host;
  bool port;
  ValueSource certificate;
};

/// Fills in what was not given from the settings of the server that runs in the same environment.
Result<void> FollowServer(const Given& given, HealthcheckOptions& options) {
  ClientTlsOptions& tls = options.tls;
  const bool own_tls = !tls.on && tls.ca.empty() && tls.server_name.empty() && given.certificate != ValueSource::kFlag;
  if (const std::string plaintext = Setting("IRIS_LISTEN_PLAINTEXT");
      !plaintext.empty() && own_tls && !given.host && !given.port) {
    return FollowListenAddress("IRIS_LISTEN_PLAINTEXT", plaintext, false, false, options.server);
  }
  const Result<void> followed =
      FollowListenAddress("IRIS_LISTEN", Setting("IRIS_LISTEN"), given.host, given.port, options.server);
  if (!followed) return followed;

  bool own_certificate = given.certificate == ValueSource::kEnvironment;
  if (tls.certificate.empty() && tls.key.empty() && tls.ca.empty()) {
    const Result<std::optional<ServerTlsFiles>> files = FindCredentials(CredentialsDirectory());
    if (!files) return std::unexpected(files.error());
    own_certificate = files->has_value();
    if (*files) {
      tls.certificate = (*files)->certificate;
      tls.key = (*files)->key;
    }
  }
  Result<std::optional<ClientTls>> loaded = own_certificate ? LoadTlsOfOwnServer(tls) : LoadClientTls(tls);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  options.server.tls = *std::move(loaded);
  return {};
}

}  // namespace

std::function<ExitCode()> DefineHealthcheck(CLI::App& app) {
  const auto options = std::make_shared<HealthcheckOptions>();
  const ServerAddressOptions address = AddServerAddressOptions(app, options->server);
  const CLI::Option* certificate = AddClientTlsOptions(app, options->tls);
  AddText(app, "--service", "NAME", "ask for one service, such as ml.IrisPredictor, instead of the whole server",
          options->service);
  app.footer(
      "Without --host and --port it asks where the server of the same environment listens: the first address of "
      "IRIS_LISTEN_PLAINTEXT, or else of IRIS_LISTEN. Where that server's certificate is named by IRIS_TLS_CERT, or is "
      "tls.crt of $CREDENTIALS_DIRECTORY, and nothing by --tls-ca, it speaks TLS and believes that certificate alone; "
      "it shows the same one to a server that asks.");
  return [&app, address, certificate, options] {
    RestoreDefaultSignals();
    const Given given{.host = SourceOf(app, address.host) != ValueSource::kDefault,
                      .port = SourceOf(app, address.port) != ValueSource::kDefault,
                      .certificate = SourceOf(app, certificate)};
    const Result<void> followed = FollowServer(given, *options);
    if (!followed) return Report(followed.error());
    return Healthcheck(*options);
  };
}

}  // namespace iris
