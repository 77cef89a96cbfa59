// SPDX-License-Identifier: Apache-2.0
//
// The TLS options of the commands, and what becomes of them.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "src/base/error.h"
#include "src/client/client.h"
#include "src/tls/server_tls_store.h"

namespace iris {

class CommandDefinition;
struct Option;

/// The options of serve. Empty: not given.
struct ServerTlsOptions {
  std::string certificate{};
  std::string key{};
  std::string client_ca{};
  std::chrono::milliseconds reload_interval{10'000};  ///< 0: never by itself.
};

/// Declares --tls-cert, --tls-key, --tls-client-ca and --tls-reload-interval. Lifetime: as AddOption.
void AddServerTlsOptions(CommandDefinition& app, ServerTlsOptions& target);

/// The TLS that they ask for; where none is given, that of $CREDENTIALS_DIRECTORY, which the log is told; null when
/// there is none either. Errors: kIo, kConfiguration; each message says which option, or which file, and why.
Result<std::shared_ptr<ServerTlsStore>> LoadServerTls(const ServerTlsOptions& options);

/// The options of the commands that ask a server. Empty: not given.
struct ClientTlsOptions {
  bool on = false;
  std::string ca;
  std::string certificate;
  std::string key;
  std::string server_name;
};

/// Declares --tls, --tls-ca, --tls-cert, --tls-key and --tls-server-name. Lifetime: as AddOption. Returns --tls-cert.
const Option* AddClientTlsOptions(CommandDefinition& app, ClientTlsOptions& target);

/// The TLS that they ask for; any of them asks for it. Without --tls-ca the system's roots are believed.
/// Errors: as LoadServerTls.
Result<std::optional<ClientTls>> LoadClientTls(const ClientTlsOptions& options);

/// The same for a check of the very server whose certificate file `options.certificate` is: believes in that
/// certificate alone, unless --tls-ca says otherwise.
Result<std::optional<ClientTls>> LoadTlsOfOwnServer(const ClientTlsOptions& options);

}  // namespace iris
