// SPDX-License-Identifier: Apache-2.0

#include "src/cli/server_address.h"

#include <chrono>
#include <vector>

#include "src/base/number.h"
#include "src/cli/options.h"
#include "src/system/listener.h"

namespace iris {

ServerAddressOptions AddServerAddressOptions(CommandDefinition& app, ClientOptions& target) {
  ServerAddressOptions options{};
  options.host = AddText(app, "--host", "HOST", "name or address of the server, or unix:PATH", target.host);
  options.host->set_default_text(target.host);
  options.port = AddPort(app, "--port", "its port", target.port);
  options.port->set_default_text(std::to_string(target.port));
  options.timeout = AddSeconds(app, "--timeout", "how long to wait for the server", std::chrono::milliseconds(1),
                               target.timeout);
  options.timeout->set_default_text(FormatDouble(static_cast<double>(target.timeout.count()) / 1000));
  return options;
}

Result<void> FollowListenAddress(const std::string& variable, const std::string& listen, bool host_given,
                                 bool port_given, ClientOptions& target) {
  const std::vector<std::string> addresses = SplitAtCommas(listen);
  if (addresses.empty() || (host_given && port_given)) return {};
  const Result<ListenAddress> address = ParseListenAddress(addresses.front());
  if (!address) return Fail(ErrorCode::kConfiguration, variable + ": " + address.error().message);
  if (!address->unix_path.empty()) {
    if (!host_given && !port_given) target.host = "unix:" + address->unix_path;
    return {};
  }
  if (!port_given) {
    if (address->port == 0) {
      return Fail(ErrorCode::kConfiguration,
                  variable + ": '" + addresses.front() + "' lets the system choose the port; say which with --port");
    }
    target.port = address->port;
  }
  if (!host_given) {
    if (address->host == "0.0.0.0") {
      target.host = "127.0.0.1";
    } else if (!address->host.empty() && address->host != "::") {
      target.host = address->host;
    }
  }
  return {};
}

}  // namespace iris
