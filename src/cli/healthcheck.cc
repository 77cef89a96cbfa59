// SPDX-License-Identifier: Apache-2.0
//
// healthcheck: what a container's HEALTHCHECK runs. Silent when all is well.

#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>

#include "src/cli/command.h"
#include "src/cli/console.h"
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

}  // namespace

std::function<ExitCode()> DefineHealthcheck(CLI::App& app) {
  const auto options = std::make_shared<HealthcheckOptions>();
  const ServerAddressOptions address = AddServerAddressOptions(app, options->server);
  const CLI::Option* certificate = AddClientTlsOptions(app, options->tls);
  AddText(app, "--service", "NAME", "ask for one service, such as ml.IrisPredictor, instead of the whole server",
          options->service);
  app.footer(
      "Without --host and --port it asks where the server of the same environment listens: the first address of "
      "IRIS_LISTEN. Where that server's certificate is named by IRIS_TLS_CERT and nothing by --tls-ca, it speaks TLS and "
      "believes that certificate alone; it shows the same one to a server that asks.");
  return [&app, address, certificate, options] {
    RestoreDefaultSignals();
    const char* listen = std::getenv("IRIS_LISTEN");
    const bool host_given = SourceOf(app, address.host) != ValueSource::kDefault;
    const bool port_given = SourceOf(app, address.port) != ValueSource::kDefault;
    const Result<void> followed =
        FollowListenAddress(listen == nullptr ? "" : listen, host_given, port_given, options->server);
    if (!followed) return Report(followed.error());
    Result<std::optional<ClientTls>> tls = SourceOf(app, certificate) == ValueSource::kEnvironment
                                               ? LoadTlsOfOwnServer(options->tls)
                                               : LoadClientTls(options->tls);
    if (!tls) return Report(tls.error());
    options->server.tls = *std::move(tls);
    return Healthcheck(*options);
  };
}

}  // namespace iris
