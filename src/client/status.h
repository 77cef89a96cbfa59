// SPDX-License-Identifier: Apache-2.0
//
// What a failed call means to the person who made it.

#pragma once

#include <grpcpp/support/status.h>

#include <chrono>
#include <string>

#include "src/base/error.h"

namespace iris {

/// The error for a call to `server` (as shown to people) that ended with `status`, which is not OK. `tls`: whether the
/// call was to go over TLS.
Error FromGrpcStatus(const grpc::Status& status, const std::string& server, std::chrono::milliseconds timeout,
                     bool tls);

}  // namespace iris
