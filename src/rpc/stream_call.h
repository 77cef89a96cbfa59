// SPDX-License-Identifier: Apache-2.0
//
// Drives the calls of one streaming method at one completion queue.

#pragma once

#include <cstddef>

#include "src/rpc/call_observer.h"
#include "src/rpc/call_queue.h"
#include "src/rpc/method.h"

namespace iris {

/// Keeps a number of calls ready for what comes in. Everything it borrows must outlive it, and it must outlive the
/// queue's last event.
class StreamCalls {
 public:
  /// `registered` is what gRPC calls the method, `observed` what observers do.
  StreamCalls(const CallQueue& queue, const StreamMethod& method, void* registered, const ObservedMethod& observed)
      : queue_(queue), method_(method), registered_(registered), observed_(observed) {}

  /// Has gRPC hand in that many calls. Before the queue's thread runs.
  void Begin(std::size_t ready);

 private:
  class Call;

  void RequestOne();

  const CallQueue& queue_;
  const StreamMethod& method_;
  void* const registered_;
  const ObservedMethod& observed_;
};

}  // namespace iris
