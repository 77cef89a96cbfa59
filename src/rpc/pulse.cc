// SPDX-License-Identifier: Apache-2.0
//
// gRPC's public interface puts an event into a completion queue only as the end of something at a call. So each
// queue gets a call of a client that has no server, and a batch of nothing at it: done at once, on the queue's thread.

#include "src/rpc/pulse.h"

#include <grpc/grpc.h>
#include <grpc/slice.h>

#include <algorithm>
#include <atomic>

#include "src/rpc/batch.h"

namespace iris {

class Pulse::Beacon final : public Event {
 public:
  Beacon(grpc_channel* channel, const CallQueue& queue)
      : queue_(queue),
        call_(grpc_channel_create_call(channel, nullptr, GRPC_PROPAGATE_DEFAULTS, queue.queue,
                                       grpc_slice_from_static_string("/pulse"), nullptr,
                                       gpr_inf_future(GPR_CLOCK_REALTIME), nullptr)) {}
  Beacon(const Beacon&) = delete;
  Beacon& operator=(const Beacon&) = delete;
  ~Beacon() { grpc_call_unref(call_); }

  void Light() {
    lit_ = true;
    ++*queue_.alive;  // the queue is not shut down before it is out
    Batch().Start(call_, this);
  }

  bool lit() const { return lit_; }

  void Complete(bool) override {
    lit_ = false;
    --*queue_.alive;
  }

 private:
  const CallQueue& queue_;
  grpc_call* const call_;
  std::atomic<bool> lit_ = false;
};

Pulse::Pulse(const std::deque<CallQueue>& queues)
    : channel_(grpc_lame_client_channel_create("pulse", GRPC_STATUS_UNAVAILABLE, "leads nowhere")) {
  for (const CallQueue& queue : queues) beacons_.push_back(std::make_unique<Beacon>(channel_, queue));
}

Pulse::~Pulse() {
  beacons_.clear();
  grpc_channel_destroy(channel_);
}

bool Pulse::Beat() {
  if (std::ranges::any_of(beacons_, [](const auto& beacon) { return beacon->lit(); })) return false;
  for (const auto& beacon : beacons_) beacon->Light();
  return true;
}

}  // namespace iris
