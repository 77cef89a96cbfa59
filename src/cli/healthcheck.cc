// SPDX-License-Identifier: Apache-2.0
//
// healthcheck: what a container's HEALTHCHECK runs. Silent when all is well.

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/credentials_directory.h"
#include "src/cli/exit_code.h"
#include "src/cli/options.h"
#include "src/cli/server_address.h"
#include "src/cli/settings.h"
#include "src/cli/tls_options.h"
#include "src/client/client.h"
#include "src/system/signals.h"

namespace iris {
namespace {

struct HealthcheckOptions {
  ClientOptions server;
  ClientTlsOptions tls;
  std::string service;
  std::string hint{};  ///< What else to say where the check could not be made.
};

ExitCode Healthcheck(const HealthcheckOptions& options) {
  const Result<std::unique_ptr<Client>> client = Client::Create(options.server);
  if (!client) return Report(client.error());
  const Result<bool> healthy = (*client)->CheckHealth(options.service);
  if (!healthy) {
    // Whatever kept the answer away, the check ran and the server did not say that it is well.
    PrintMessage(healthy.error().message + options.hint);
    return ExitCode::kCheckFailed;
  }
  if (*healthy) return ExitCode::kOk;
  PrintMessage((options.service.empty() ? "the server" : "service '" + options.service + "'") +
               std::string(" is not serving; it may be starting or draining"));
  return ExitCode::kCheckFailed;
}

/// A setting of the server that runs in the same environment, with the same configuration file.
struct ServerSetting {
  std::string name;   ///< For messages: the variable, or the place in the file.
  std::string value;  ///< Lists are separated by commas. Empty: not set.
};

ServerSetting SettingOf(const CommandDefinition& app, const char* variable, const char* name) {
  const char* value = std::getenv(variable);
  if (value != nullptr && *value != '\0') return {variable, value};
  const FileSetting* setting = FindSetting(app, "serve", name);
  if (setting == nullptr) return {variable, ""};
  std::string values;
  for (const std::string& each : setting->values) values += (values.empty() ? "" : ",") + each;
  return {TextOf(setting->value_place) + ": " + name, std::move(values)};
}

/// What the command line says of the server to be asked.
struct Given {
  bool host;
  bool port;
  ValueSource certificate;
};

/// Fills in what was not given from the settings of the server that runs in the same environment.
Result<void> FollowServer(const CommandDefinition& app, const Given& given, HealthcheckOptions& options) {
  ClientTlsOptions& tls = options.tls;
  const bool own_tls = !tls.on && tls.ca.empty() && tls.server_name.empty() && given.certificate != ValueSource::kFlag;
  if (const ServerSetting plaintext = SettingOf(app, "IRIS_LISTEN_PLAINTEXT", "listen-plaintext");
      !plaintext.value.empty() && own_tls && !given.host && !given.port) {
    return FollowListenAddress(plaintext.name, plaintext.value, false, false, options.server);
  }
  const ServerSetting listen = SettingOf(app, "IRIS_LISTEN", "listen");
  const Result<void> followed = FollowListenAddress(listen.name, listen.value, given.host, given.port, options.server);
  if (!followed) return followed;

  bool own_certificate = given.certificate == ValueSource::kEnvironment;
  if (tls.certificate.empty() && tls.key.empty() && tls.ca.empty()) {
    tls.certificate = SettingOf(app, "IRIS_TLS_CERT", "tls-cert").value;
    tls.key = SettingOf(app, "IRIS_TLS_KEY", "tls-key").value;
    own_certificate = !tls.certificate.empty();
  }
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
  if (own_certificate && !SettingOf(app, "IRIS_TLS_CLIENT_CA", "tls-client-ca").value.empty()) {
    options.hint =
        "; if --tls-client-ca did not issue the server's own certificate, give the server a plaintext address to be "
        "asked at, as IRIS_LISTEN_PLAINTEXT=127.0.0.1:50051";
  }
  return {};
}

}  // namespace

std::function<ExitCode()> DefineHealthcheck(CommandDefinition& app) {
  const auto options = std::make_shared<HealthcheckOptions>();
  const ServerAddressOptions address = AddServerAddressOptions(app, options->server);
  const Option* certificate = AddClientTlsOptions(app, options->tls);
  AddConfigOption(app);
  AddText(app, "--service", "NAME", "ask for one service, such as ml.IrisPredictor, instead of the whole server",
          options->service);
  app.set_footer(
      "Without --host and --port it asks where the server of the same environment listens: the first address of "
      "IRIS_LISTEN_PLAINTEXT, or else of IRIS_LISTEN; or what the --config file sets for serve. Where that server's "
      "certificate is named by IRIS_TLS_CERT or that file, or is tls.crt of $CREDENTIALS_DIRECTORY, and nothing by "
      "--tls-ca, it speaks TLS and believes that certificate alone; it shows the same one to a server that asks. A server "
      "whose clients' certificates come from another authority is best asked on loopback: IRIS_LISTEN_PLAINTEXT=127.0.0.1:50051.");
  return [&app, address, certificate, options] {
    RestoreDefaultSignals();
    const Given given{.host = address.host->source != ValueSource::kDefault,
                      .port = address.port->source != ValueSource::kDefault,
                      .certificate = certificate->source};
    const Result<void> followed = FollowServer(app, given, *options);
    if (!followed) return Report(followed.error());
    return Healthcheck(*options);
  };
}

}  // namespace iris
