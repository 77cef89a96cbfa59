// SPDX-License-Identifier: Apache-2.0

#include "src/cli/serve_check.h"

#include <algorithm>
#include <string_view>

#include "src/cli/console.h"
#include "src/cli/text_table.h"
#include "src/system/log_line.h"

namespace iris {
namespace {

/// ":50052" of "[::]:50052"; nothing for a Unix socket.
std::string_view PortOf(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  return address.starts_with("unix:") || colon == std::string_view::npos ? "" : address.substr(colon);
}

}  // namespace

bool IsBusyElsewhere(const Error& error, const std::string& address, const std::vector<ServedListener>& mine) {
  if (error.code != ErrorCode::kInUse) return false;
  // Another process that holds it would hold our other addresses on that port as well, which we have just taken: so two
  // of ours clash, however they are spelled (a name and its number, a wildcard and one of its addresses).
  const std::string_view port = PortOf(address);
  const bool clash = std::ranges::any_of(mine, [&](const ServedListener& each) {
    return each.listener.address() == address || (!port.empty() && PortOf(each.listener.address()) == port);
  });
  if (!clash) PrintMessage("warning: " + error.message + " (no fault of the settings if it is the running server)");
  return !clash;
}

ExitCode PrintChecked(const ServedModel& model, const ServerTlsStore* tls, const std::vector<std::string>& addresses) {
  std::string text = "model " + Printable(model.name) + ": " + std::to_string(model.model->class_names.size()) +
                     " classes, " + Counted(model.model->feature_names.size(), "feature") + "\n";
  if (tls != nullptr) {
    text += "certificate " + Printable(tls->files().certificate) + ": valid until " +
            tls->Get().tls->identity.valid_until + "\n";
  }
  for (const std::string& address : addresses) text += Printable(address) + "\n";
  return PrintResult(text + "all is well; serve would start\n");
}

}  // namespace iris
