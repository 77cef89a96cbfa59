// SPDX-License-Identifier: Apache-2.0
//
// Where a service manager puts what is secret: systemd names the folder of LoadCredential= in $CREDENTIALS_DIRECTORY.
// Source: systemd.exec(5), Credentials.

#pragma once

#include <optional>
#include <string>

#include "src/base/error.h"
#include "src/tls/server_tls_store.h"

namespace iris {

/// The folder; nothing when none is named.
std::optional<std::string> CredentialsDirectory();

/// Its tls.crt and tls.key, and client-ca.crt if it is there; nothing when there is none of them, or no folder.
/// Errors: kConfiguration when some are there, but not both of the first two: to serve plaintext then would surprise.
Result<std::optional<ServerTlsFiles>> FindCredentials(const std::optional<std::string>& directory);

}  // namespace iris
