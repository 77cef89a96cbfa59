// SPDX-License-Identifier: Apache-2.0
//
// serve --check: what is told of a server that could be started, in place of starting it.

#pragma once

#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/cli/command.h"
#include "src/inference/served_model.h"
#include "src/serving/server.h"
#include "src/tls/server_tls_store.h"

namespace iris {

/// Whether a failure to open a listener is none to a check: another process has the address, which may well be the
/// server that runs while its new configuration is checked. It is noted on standard error then. An address that one of
/// `mine` has is given twice, and no server could start with that.
bool IsBusyElsewhere(const Error& error, const std::string& address, const std::vector<ServedListener>& mine);

/// Prints what was looked at: model, certificate (null: plaintext), addresses.
ExitCode PrintChecked(const ServedModel& model, const ServerTlsStore* tls, const std::vector<std::string>& addresses);

}  // namespace iris
