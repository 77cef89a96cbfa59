// SPDX-License-Identifier: Apache-2.0
//
// The certificate, key and client CA of serve as something that is read again: at SIGHUP, and by itself.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "src/cli/reload.h"
#include "src/system/confinement.h"
#include "src/tls/server_tls_store.h"

namespace iris {

/// Warns on the log when the certificate in use expires within two weeks: what renews it has not done so by then.
void WarnOfExpiry(const ServerTlsStore& store);

class TlsReload final : public Reloadable {
 public:
  /// Looks at the files every `interval`; 0: never. `confinement`, which outlives this, knows whether they may be read;
  /// null: nothing hinders.
  TlsReload(std::shared_ptr<ServerTlsStore> store, std::chrono::milliseconds interval, ReloadOutcome outcome = {},
            const Confinement* confinement = nullptr);

  bool Reload() override;

  /// Files that cannot be used are looked at again a moment later before anybody is told: few programs replace a
  /// certificate and its key in one step. After that they are tried every time, since a certificate that is not valid
  /// yet becomes so without changing, and a failure is told once.
  std::optional<std::chrono::milliseconds> Look() override;

 private:
  Result<bool> Read();
  void Tell(const Result<bool>& reloaded);

  const std::shared_ptr<ServerTlsStore> store_;
  const std::chrono::milliseconds interval_;
  const ReloadOutcome outcome_;
  const Confinement* const confinement_;
  bool failing_ = false;
  std::string told_;  // the failure that the log told of last; empty: all is well
};

}  // namespace iris
