// SPDX-License-Identifier: Apache-2.0
//
// Folders. No state; safe from any thread.

#pragma once

#include <string>

#include "src/base/error.h"

namespace iris {

/// Makes the folder `path` and those above it that are not there yet, with mode 0777 less the umask; those that are
/// there stay as they are.
/// Errors: kIo, with the system's reason and the folder that could not be made.
Result<void> MakeDirectories(const std::string& path);

}  // namespace iris
