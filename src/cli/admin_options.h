// SPDX-License-Identifier: Apache-2.0
//
// The option of serve that opens the admin endpoint.

#pragma once

#include <optional>
#include <string>

#include "src/base/error.h"
#include "src/system/listener.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace iris {

struct AdminOptions {
  std::string address{};  ///< As of --listen; empty: no endpoint.
  std::string source = "--admin";                       ///< Or "IRIS_ADMIN", if it is from there.
  ErrorCode bad_address = ErrorCode::kInvalidArgument;  ///< kConfiguration if so.
};

/// Adds --admin. `target` is filled before the command runs.
CLI::Option* AddAdminOption(CLI::App& app, AdminOptions& target);

/// Notes where the address came from. When the options are parsed.
void NoteAdminSource(const CLI::App& app, const CLI::Option* option, AdminOptions& target);

/// The listener that the options ask for, if they do; otherwise `inherited`. Errors: those of Listener::Open; an address
/// that is none; both at once (kConfiguration).
Result<std::optional<Listener>> OpenAdminListener(const AdminOptions& options, std::optional<Listener> inherited);

}  // namespace iris
