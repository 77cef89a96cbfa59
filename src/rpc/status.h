// SPDX-License-Identifier: Apache-2.0
//
// The one function that turns an Error into what a gRPC caller sees.

#pragma once

#include <grpc/status.h>

#include <string>

#include "src/base/error.h"

namespace iris {

/// How a call ends.
struct CallStatus {
  grpc_status_code code = GRPC_STATUS_OK;
  std::string message;  ///< UTF-8, at most 1 KiB.
  std::string details;  ///< A serialised google.rpc.Status for grpc-status-details-bin; empty: none.
};

/// The status for `error`. With violations it carries a google.rpc.BadRequest that lists them. Clients refuse trailers
/// beyond 8 KiB, so what is longer than that allows is cut: the message, then the list.
/// Source: google/rpc/status.proto, google/rpc/error_details.proto.
CallStatus ToCallStatus(const Error& error);

}  // namespace iris
