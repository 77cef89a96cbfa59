// SPDX-License-Identifier: Apache-2.0
//
// Which server a client command asks: the same options everywhere.

#pragma once

#include <optional>
#include <string>

#include "src/base/error.h"
#include "src/client/client.h"

namespace iris {

class CommandDefinition;
struct Option;

/// The options that name a server, as declared on one command.
struct ServerAddressOptions {
  Option* host;
  Option* port;
  Option* timeout;
};

/// Declares --host, --port and --timeout, which fill `target`. Lifetime: as AddOption.
ServerAddressOptions AddServerAddressOptions(CommandDefinition& app, ClientOptions& target);

/// Fills in what --host and --port left open with the address on which a server on this machine listens, taken from
/// `listen` (the value of `variable`, such as IRIS_LISTEN; of several addresses the first): 0.0.0.0 and [::] become the
/// loopback address. Errors: kConfiguration when it is no address, or has port 0, which only the server knows.
Result<void> FollowListenAddress(const std::string& variable, const std::string& listen, bool host_given,
                                 bool port_given, ClientOptions& target);

}  // namespace iris
