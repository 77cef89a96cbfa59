// SPDX-License-Identifier: Apache-2.0
//
// Answers the calls of methods that the server does not have.

#pragma once

#include <cstddef>

#include "src/rpc/call_queue.h"

namespace iris {

/// At one completion queue; answers UNIMPLEMENTED. It must outlive the queue's last event.
class UnknownCalls {
 public:
  explicit UnknownCalls(const CallQueue& queue) : queue_(queue) {}

  /// Has gRPC hand in that many calls. Before the queue's thread runs.
  void Begin(std::size_t ready);

 private:
  class Call;

  void RequestOne();

  const CallQueue& queue_;
};

}  // namespace iris
