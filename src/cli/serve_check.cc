// SPDX-License-Identifier: Apache-2.0

#include "src/cli/serve_check.h"

#include <algorithm>

#include "src/cli/console.h"
#include "src/cli/text_table.h"
#include "src/system/log_line.h"

namespace iris {

bool IsBusyElsewhere(const Error& error, const std::string& address, const std::vector<ServedListener>& mine) {
  if (error.code != ErrorCode::kInUse) return false;
  const bool given_twice =
      std::ranges::any_of(mine, [&](const ServedListener& each) { return each.listener.address() == address; });
  if (!given_twice) {
    PrintMessage("warning: " + error.message + " (no fault of the settings if it is the running server)");
  }
  return !given_twice;
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
