// SPDX-License-Identifier: Apache-2.0
//
// Drives the calls of one unary method at one completion queue.

#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "src/rpc/call_observer.h"
#include "src/rpc/call_queue.h"
#include "src/rpc/method.h"

namespace iris {

/// Keeps a number of calls ready for what comes in; a call that is over is used again. Everything it borrows must
/// outlive it, and it must outlive the queue's last event.
class UnaryCalls {
 public:
  /// `registered` is what gRPC calls the method, `observed` what observers do.
  UnaryCalls(const CallQueue& queue, const UnaryMethod& method, void* registered, const ObservedMethod& observed);
  UnaryCalls(const UnaryCalls&) = delete;
  UnaryCalls& operator=(const UnaryCalls&) = delete;
  ~UnaryCalls();

  /// Has gRPC hand in that many calls. Before the queue's thread runs.
  void Begin(std::size_t ready);

 private:
  class Call;

  void RequestOne();
  void Recycle(std::unique_ptr<Call> call);

  const CallQueue& queue_;
  const UnaryMethod& method_;
  void* const registered_;
  const ObservedMethod& observed_;
  std::vector<std::unique_ptr<Call>> idle_;
};

}  // namespace iris
