// SPDX-License-Identifier: Apache-2.0
//
// Whether gRPC will get its threads. It begins without looking whether it did, and then waits for them for ever.

#pragma once

#include "src/base/error.h"

namespace iris {

/// To be asked before gRPC's first use in a process: starts as many threads as it will need, and ends them.
/// Errors: kIo, with the reason and what to do.
Result<void> CheckThreadRoom();

}  // namespace iris
