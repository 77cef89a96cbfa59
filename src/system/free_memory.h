// SPDX-License-Identifier: Apache-2.0
//
// An allocator keeps what was freed, for the next who asks. After a rush of calls that is much, and there is no next.

#pragma once

namespace iris {

/// Gives the kernel back what the calling thread's part of the allocator holds and nobody uses; every thread has its own.
/// Takes up to some milliseconds. Without the release's allocator it does nothing.
void ReturnFreeMemory();

}  // namespace iris
