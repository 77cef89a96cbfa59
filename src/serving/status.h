// SPDX-License-Identifier: Apache-2.0
//
// The one function that turns an Error into what a gRPC caller sees.

#pragma once

#include <grpcpp/support/status.h>

#include "src/base/error.h"

namespace iris {

/// The status for `error`, its message unchanged. A request can cause INVALID_ARGUMENT or FAILED_PRECONDITION; INTERNAL
/// is left for what no request can cause.
grpc::Status ToGrpcStatus(const Error& error);

}  // namespace iris
