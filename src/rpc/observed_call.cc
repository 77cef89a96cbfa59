// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/observed_call.h"

#include <grpc/support/alloc.h>

#include <string>

namespace iris {
namespace {

std::string PeerOf(const void* call) {
  char* const peer = grpc_call_get_peer(const_cast<grpc_call*>(static_cast<const grpc_call*>(call)));
  std::string text(peer);
  gpr_free(peer);
  return text;
}

}  // namespace

void ObservedCall::Tell(grpc_call* call, grpc_status_code code, int cancelled, const gpr_timespec& deadline) {
  const auto now = std::chrono::steady_clock::now();
  CallRecord record{.method = &method_,
                    .queue = queue_.index,
                    .code = code,
                    .elapsed = now - started_,
                    .messages_received = received_,
                    .messages_sent = sent_,
                    .call = call,
                    .peer = PeerOf};
  if (deadline.tv_sec != INT64_MAX) {
    // gRPC's monotonic clock is CLOCK_MONOTONIC, and so is steady_clock.
    record.deadline_left = std::chrono::seconds(deadline.tv_sec) + std::chrono::nanoseconds(deadline.tv_nsec) -
                           now.time_since_epoch();
  }
  if (cancelled > 1) {
    record.code = cancelled - 1;
  } else if (cancelled != 0) {
    const bool late = record.deadline_left && record.deadline_left->count() <= 0;
    record.code = late ? GRPC_STATUS_DEADLINE_EXCEEDED : GRPC_STATUS_CANCELLED;
  }
  for (CallObserver* const observer : queue_.observers) observer->Finished(record);
}

}  // namespace iris
