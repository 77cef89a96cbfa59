// SPDX-License-Identifier: Apache-2.0
//
// An Error as a message, for answers that carry it inside.

#pragma once

#include "google/rpc/status.pb.h"
#include "src/base/error.h"

namespace iris {

/// Code, message and, where there are violations, a google.rpc.BadRequest that lists them all.
/// Source: google/rpc/status.proto, google/rpc/error_details.proto, google/rpc/code.proto.
google::rpc::Status ToRpcStatus(const Error& error);

}  // namespace iris
