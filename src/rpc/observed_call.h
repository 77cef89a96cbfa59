// SPDX-License-Identifier: Apache-2.0
//
// Tells the observers of one call what happens to it. Where nobody observes it does nothing, not even read the clock.

#pragma once

#include <grpc/grpc.h>

#include <chrono>
#include <cstdint>

#include "src/rpc/call_context.h"
#include "src/rpc/call_observer.h"
#include "src/rpc/call_queue.h"

namespace iris {

/// All of it on the queue's thread. Borrows the queue and the method.
class ObservedCall {
 public:
  ObservedCall(const CallQueue& queue, const ObservedMethod& method) : queue_(queue), method_(method) {}

  /// The call has come in; for each call once, also where the object is used again.
  void Start() {
    if (queue_.observers.empty()) return;
    received_ = 0;
    sent_ = 0;
    started_ = std::chrono::steady_clock::now();
    for (CallObserver* const observer : queue_.observers) observer->Started(method_, queue_.index);
  }

  void Receive() {
    ++received_;
    for (CallObserver* const observer : queue_.observers) observer->Received(method_, queue_.index);
  }

  void Send() {
    ++sent_;
    for (CallObserver* const observer : queue_.observers) observer->Sent(method_, queue_.index);
  }

  /// The call is over; after Start, once. `code` is what it was answered with, `cancelled` what gRPC says of its end
  /// (see Batch::ReceiveClose).
  void Finish(grpc_call* call, grpc_status_code code, int cancelled, const CallContext& context) {
    if (!queue_.observers.empty()) Tell(call, code, cancelled, context.deadline);
  }

 private:
  void Tell(grpc_call* call, grpc_status_code code, int cancelled, const gpr_timespec& deadline);

  const CallQueue& queue_;
  const ObservedMethod& method_;
  std::chrono::steady_clock::time_point started_;
  std::uint32_t received_ = 0;
  std::uint32_t sent_ = 0;
};

}  // namespace iris
