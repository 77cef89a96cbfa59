// SPDX-License-Identifier: Apache-2.0

#include "src/cli/admin_options.h"

#include <utility>

#include "src/cli/options.h"

namespace iris {

Option* AddAdminOption(CommandDefinition& app, AdminOptions& target) {
  return AddText(app, "--admin", "ADDRESS",
                 "where to answer /metrics, /healthz, /readyz and /version over plain HTTP: HOST:PORT or unix:PATH",
                 target.address)
      ->set_default_text("nowhere");
}

void NoteAdminSource(const Option& option, AdminOptions& target) {
  target.source = NameInMessages(option);
  if (option.source != ValueSource::kFlag) target.bad_address = ErrorCode::kConfiguration;
}

Result<std::optional<Listener>> OpenAdminListener(const AdminOptions& options, std::optional<Listener> inherited) {
  if (options.address.empty()) return inherited;
  if (inherited) {
    return Fail(ErrorCode::kConfiguration, options.source + " is given, and so is a socket named admin (" +
                                               inherited->address() + "), expected one of the two: leave out " +
                                               options.source);
  }
  const Result<ListenAddress> address = ParseListenAddress(options.address);
  if (!address) return Fail(options.bad_address, options.source + ": " + address.error().message);
  Result<Listener> listener = Listener::Open(*address);
  if (!listener) return std::unexpected(std::move(listener.error()));
  return std::optional(*std::move(listener));
}

}  // namespace iris
