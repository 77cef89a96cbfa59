// SPDX-License-Identifier: Apache-2.0
//
// Whole files, read with a bound and replaced atomically. No state; safe from any thread.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "src/base/error.h"

namespace iris {

/// Reads a whole file of at most `max_bytes`. Errors: kIo (with the system's reason) when it cannot be opened or read;
/// kBadData when it is larger than `max_bytes` or is a directory.
Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes);

/// Replaces `path` by `content` so that a reader, or a machine that loses power at any moment, sees the old file or
/// the new one and never a mixture: temporary file in the same folder, fsync, rename, fsync of the folder. The
/// temporary file is removed on failure. Keeps the mode of a file that is replaced; new files get 0666 less the umask.
/// Errors: kIo, with the system's reason and the path.
Result<void> WriteFileAtomically(const std::string& path, std::string_view content);

}  // namespace iris
