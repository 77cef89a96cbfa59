// SPDX-License-Identifier: Apache-2.0
//
// Whether the threads that serve still come round: each is handed an event of no content through its completion queue,
// the way that every call takes.

#pragma once

#include <deque>
#include <memory>

#include "src/base/error.h"
#include "src/rpc/call_queue.h"

struct grpc_channel;

namespace iris {

/// Everything happens on one thread, while the threads of the queues run.
class Pulse {
 public:
  /// The calls of `queues`, which must outlive it.
  explicit Pulse(const std::deque<CallQueue>& queues);
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;
  ~Pulse();

  /// Whether every thread has taken the event that it was last handed, if it was handed one; then hands each another.
  bool Beat();

 private:
  class Beacon;

  grpc_channel* const channel_;  // to nowhere: only so that there can be calls
  std::deque<std::unique_ptr<Beacon>> beacons_;
};

}  // namespace iris
