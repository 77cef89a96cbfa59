// SPDX-License-Identifier: Apache-2.0
//
// What happens when there is no more memory: a word about it and an exit code, from wherever it happens. An exception
// would do where one can be caught; but worker threads cannot be left by one, and the product's allocator, which is C,
// aborts instead of throwing.

#pragma once

#include <string_view>

namespace iris {

inline constexpr std::string_view kOutOfMemory = "out of memory; give the process more, or smaller input";

/// From now on ends the process with kOutOfMemory on standard error and exit code 74 when `new` finds no memory. Call
/// once in main.
void EndWhenOutOfMemory();

}  // namespace iris
