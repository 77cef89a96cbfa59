// SPDX-License-Identifier: Apache-2.0
//
// The options of serve that bound what a client may do.

#pragma once

#include "src/serving/server.h"

namespace iris {

class CommandDefinition;

/// Declares --max-connections, --max-concurrent-streams, --max-connection-memory, --max-memory, --handshake-timeout,
/// --stall-timeout, --max-message-size, --max-metadata-size, --keepalive-time, --keepalive-timeout, --min-ping-interval,
/// --max-connection-idle, --max-connection-age and --max-connection-age-grace. Defaults are those of `target`.
/// Lifetime: as AddOption.
void AddLimitOptions(CommandDefinition& app, ServerLimits& target);

}  // namespace iris
