// SPDX-License-Identifier: Apache-2.0
//
// What serve says on its log, and how.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "src/cli/config_file.h"
#include "src/cli/options.h"
#include "src/cli/reload.h"
#include "src/serving/access_log.h"

namespace iris {

struct LogOptions {
  std::string format = "text";
  std::string level = "info";
  bool access_log = false;
  std::uint64_t access_log_rate = 100;
};

/// Declares --log-format, --log-level, --access-log and --access-log-rate. Lifetime: as AddOption.
void AddLogOptions(CommandDefinition& app, LogOptions& target);

/// From now on the log is written as they say.
void ApplyLogOptions(const LogOptions& options);

/// Who writes the access log; null unless it is asked for.
std::unique_ptr<AccessLog> MakeAccessLog(const LogOptions& options);

/// The log level as something that is read again: at SIGHUP, from the configuration file, where neither a flag nor the
/// environment has set it. The rest of the file must be right as well, or the level stays; what else has changed in it
/// waits for a restart, which the log is told.
class LogLevelReload final : public Reloadable {
 public:
  /// Requires: `app` is serve's, parsed.
  explicit LogLevelReload(const CommandDefinition& app, ReloadOutcome outcome = {});

  bool Reload() override;

  /// Never by itself.
  std::optional<std::chrono::milliseconds> Look() override { return std::nullopt; }

 private:
  std::optional<ConfigFile> file_;  ///< As read last; none: none was asked for.
  const bool from_file_;            ///< Whether the file decides the level.
  const ReloadOutcome outcome_;
};

}  // namespace iris
