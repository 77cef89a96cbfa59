// SPDX-License-Identifier: Apache-2.0
//
// What server and client share of gRPC's process-wide state: its log. gRPC offers one log function a process, so this
// is the one place that sets it.

#pragma once

namespace iris {

/// Sends gRPC's errors to our log, a clean line each, and drops its lesser messages (whose traces may hold
/// payloads). The same error within ten seconds is only counted, and the count goes with the first line thereafter
/// (log_throttle.h). Calling it again changes nothing. Safe from any thread.
void RouteGrpcLog();

/// Drops all of gRPC's messages: for a client, whose failed calls carry in their status what gRPC logs as well.
void SilenceGrpcLog();

}  // namespace iris
