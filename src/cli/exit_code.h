// SPDX-License-Identifier: Apache-2.0
//
// The one place that turns an Error into what the process returns.

#pragma once

#include "src/base/error.h"
#include "src/cli/command.h"

namespace iris {

/// The exit code that stands for a kind of failure.
ExitCode ToExitCode(ErrorCode code);

}  // namespace iris
