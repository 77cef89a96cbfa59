// SPDX-License-Identifier: Apache-2.0
//
// The option of serve that opens the admin endpoint.

#pragma once

#include <optional>
#include <string>

#include "src/base/error.h"
#include "src/system/listener.h"

namespace iris {

class CommandDefinition;
struct Option;

struct AdminOptions {
  std::string address{};  ///< As of --listen; empty: no endpoint.
  std::string source = "--admin";                       ///< Or "IRIS_ADMIN", if it is from there.
  ErrorCode bad_address = ErrorCode::kInvalidArgument;  ///< kConfiguration if so.
};

/// Adds --admin. `target` is filled before the command runs.
Option* AddAdminOption(CommandDefinition& app, AdminOptions& target);

/// Notes where the address came from. When the options are parsed.
void NoteAdminSource(const Option& option, AdminOptions& target);

/// The listener that the options ask for, if they do; otherwise `inherited`. Errors: those of Listener::Open; an address
/// that is none; both at once (kConfiguration).
Result<std::optional<Listener>> OpenAdminListener(const AdminOptions& options, std::optional<Listener> inherited);

}  // namespace iris
