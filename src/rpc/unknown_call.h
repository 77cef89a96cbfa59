// SPDX-License-Identifier: Apache-2.0
//
// Answers the calls of methods that the server does not have.

#pragma once

#include <cstddef>

#include "src/rpc/call_observer.h"
#include "src/rpc/call_queue.h"

namespace iris {

/// At one completion queue; answers UNIMPLEMENTED. It must outlive the queue's last event.
class UnknownCalls {
 public:
  UnknownCalls(const CallQueue& queue, const ObservedMethod& observed) : queue_(queue), observed_(observed) {}

  /// Has gRPC hand in that many calls. Before the queue's thread runs.
  void Begin(std::size_t ready);

 private:
  class Call;

  void RequestOne();

  const CallQueue& queue_;
  const ObservedMethod& observed_;
};

}  // namespace iris
