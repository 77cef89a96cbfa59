// SPDX-License-Identifier: Apache-2.0
//
// The certificate, key and client CA of serve as something that is read again: at SIGHUP, and by itself.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "src/cli/reload.h"
#include "src/tls/server_tls_store.h"

namespace iris {

class TlsReload final : public Reloadable {
 public:
  /// Looks at the files every `interval`; 0: never.
  TlsReload(std::shared_ptr<ServerTlsStore> store, std::chrono::milliseconds interval, ReloadOutcome outcome = {});

  bool Reload() override;

  /// Files that cannot be used are looked at again a moment later before anybody is told: few programs replace a
  /// certificate and its key in one step. After that they are tried every time, since a certificate that is not valid
  /// yet becomes so without changing, and a failure is told once.
  std::optional<std::chrono::milliseconds> Look() override;

 private:
  void Tell(const Result<bool>& reloaded);

  const std::shared_ptr<ServerTlsStore> store_;
  const std::chrono::milliseconds interval_;
  const ReloadOutcome outcome_;
  bool failing_ = false;
  std::string told_;  // the failure that the log told of last; empty: all is well
};

}  // namespace iris
