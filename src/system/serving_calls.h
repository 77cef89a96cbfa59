// SPDX-License-Identifier: Apache-2.0
//
// The system calls that a server makes once it serves.

#pragma once

#include <vector>

#include "src/system/seccomp_filter.h"

namespace iris {

/// What the code that is linked in may ask the kernel for, and what it can have no business with.
///   allowed: time, memory (never executable), threads (never processes), signals, sockets that are there or come in, files
///     to be read, and questions about the process itself. With `removes_files`, unlinking (the path of a Unix socket).
///   ends the process: calls by which foreign code makes itself at home: another program or process, other processes'
///     memory, mounts, the kernel. Nothing here makes them, so whoever does is not us, and gets no second attempt.
///   everything else: refused. A library that meets a refusal has another way, or reports it, and serving goes on.
std::vector<CallRule> ServingCalls(bool removes_files);

/// How many of `rules` can end well.
std::size_t CountAllowed(const std::vector<CallRule>& rules);

}  // namespace iris
