// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/unknown_call.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/text.h"
#include "src/rpc/batch.h"
#include "src/rpc/call_context.h"
#include "src/rpc/observed_call.h"

namespace iris {

class UnknownCalls::Call final : public Event {
 public:
  explicit Call(UnknownCalls& calls) : calls_(calls), observed_(calls.queue_, calls.observed_) {
    grpc_call_details_init(&details_);
    grpc_metadata_array_init(&metadata_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() {
    if (call_ != nullptr) grpc_call_unref(call_);
    grpc_metadata_array_destroy(&metadata_);
    grpc_call_details_destroy(&details_);
  }

  /// False when the server takes no more calls.
  bool Request() {
    const CallQueue& queue = calls_.queue_;
    ++*queue.alive;
    const bool taken = grpc_server_request_call(queue.server, &call_, &details_, &metadata_, queue.queue, queue.queue,
                                                this) == GRPC_CALL_OK;
    if (!taken) --*queue.alive;
    return taken;
  }

  void Complete(bool ok) override {
    if (!ok || std::exchange(answered_, true)) {
      if (answered_) {
        observed_.Finish(call_, GRPC_STATUS_UNIMPLEMENTED, cancelled_, CallContext{.deadline = details_.deadline});
      }
      std::atomic<int>& alive = *calls_.queue_.alive;
      delete this;
      --alive;
      return;
    }
    observed_.Start();
    calls_.RequestOne();
    const std::string_view path(reinterpret_cast<const char*>(GRPC_SLICE_START_PTR(details_.method)),
                                GRPC_SLICE_LENGTH(details_.method));
    const CallStatus status{GRPC_STATUS_UNIMPLEMENTED,
                            "there is no method " + Quote(path) + " here; call with stubs made from this server's .proto files", {}};
    Batch().ReceiveClose(&cancelled_).SendInitialMetadata(false).SendStatus(status).Start(call_, this);
  }

 private:
  UnknownCalls& calls_;
  grpc_call* call_ = nullptr;
  grpc_call_details details_{};
  grpc_metadata_array metadata_{};
  int cancelled_ = 0;
  bool answered_ = false;
  ObservedCall observed_;
};

void UnknownCalls::Begin(std::size_t ready) {
  for (std::size_t i = 0; i < ready; ++i) RequestOne();
}

void UnknownCalls::RequestOne() {
  auto call = std::make_unique<Call>(*this);
  if (call->Request()) call.release();  // gRPC has it until it is answered
}

}  // namespace iris
