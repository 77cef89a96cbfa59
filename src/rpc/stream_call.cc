// SPDX-License-Identifier: Apache-2.0
//
// A call's life: requested; arrived, and its coroutine runs from step to step; the coroutine has ended and the status is
// on its way; over. At any time one step of the coroutine is under way, and the wait for the stream's end.

#include "src/rpc/stream_call.h"

#include <memory>
#include <optional>
#include <utility>

#include "src/rpc/batch.h"
#include "src/rpc/compression.h"
#include "src/rpc/observed_call.h"

namespace iris {

class StreamCalls::Call final : public Event, public Stream {
 public:
  explicit Call(StreamCalls& calls)
      : calls_(calls), closed_(*this), observed_(calls.queue_, calls.observed_) {
    grpc_metadata_array_init(&metadata_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// False when the server takes no more calls.
  bool Request() {
    const CallQueue& queue = calls_.queue_;
    ++*queue.alive;
    const bool taken =
        grpc_server_request_registered_call(queue.server, calls_.registered_, &call_, &context_.deadline, &metadata_,
                                            nullptr, queue.queue, queue.queue, this) == GRPC_CALL_OK;
    if (!taken) --*queue.alive;
    return taken;
  }

  ~Call() {
    if (call_ != nullptr) grpc_call_unref(call_);
    grpc_metadata_array_destroy(&metadata_);
  }

  // A step is done: the call has come in, or what the coroutine awaits has happened, or the status is sent.
  void Complete(bool ok) override {
    switch (std::exchange(step_, Step::kNone)) {
      case Step::kRequest:
        return ok ? Arrive() : Free();
      case Step::kRead:
        Receive(ok, Bytes(std::exchange(received_, nullptr)));
        break;
      case Step::kWrite:
        message_ = Bytes();
        ok_ = ok;
        if (ok) observed_.Send();
        break;
      case Step::kFinish:
        return Over();
      case Step::kNone:  // a Wait was ended
        break;
    }
    Continue();
  }

 private:
  enum class Step { kNone, kRequest, kRead, kWrite, kFinish };

  // gRPC closed the stream: the caller went away, or the status was sent.
  class Closed final : public Event {
   public:
    explicit Closed(Call& call) : call_(call) {}
    void Complete(bool) override {
      if (call_.close_cancelled_ != 0) call_.context_.cancelled = true;
      if (!call_.ended_) call_.Notify();
      call_.Over();
    }

   private:
    Call& call_;
  };

  void Arrive() {
    if (calls_.method_.holds_drain) ++*calls_.queue_.in_flight;
    observed_.Start();
    Batch().ReceiveClose(&close_cancelled_).Start(call_, &closed_);
    calls_.RequestOne();
    task_ = calls_.method_.run(*this);
    Continue();
  }

  // A message that cannot be inflated is the coroutine's end of the stream, and the reason is what the caller is told.
  void Receive(bool ok, Bytes received) {
    if (!ok) {
      refused_ = Error{ErrorCode::kInvalidArgument, "the stream ended inside a message, or with one that is malformed", {}};
      return;
    }
    if (received) observed_.Receive();
    Result<Bytes> message = Inflate(call_, std::move(received), calls_.queue_.max_message_bytes);
    if (message) {
      message_ = *std::move(message);
    } else {
      message_ = Bytes();
      refused_ = std::move(message.error());
    }
  }

  void Continue() {
    if (!task_.Resume()) return;
    ended_ = true;
    step_ = Step::kFinish;
    const CallStatus status = refused_          ? ToCallStatus(*refused_)
                              : task_.result() ? CallStatus{}
                                               : ToCallStatus(task_.result().error());
    code_ = status.code;
    Batch batch;
    SendInitialMetadataOnce(batch);
    batch.SendStatus(status).Start(call_, this);
  }

  void SendInitialMetadataOnce(Batch& batch) {
    if (!std::exchange(started_, true)) batch.SendInitialMetadata(IsCompressed(call_));
  }

  void StartRead() override {
    step_ = Step::kRead;
    Batch().ReceiveMessage(&received_).Start(call_, this);
  }

  void StartWrite() override {
    step_ = Step::kWrite;
    Batch batch;
    SendInitialMetadataOnce(batch);
    batch.SendMessage(message_).Start(call_, this);
  }

  // A batch of nothing is done at once, on the queue's thread.
  void WakeUp() override { Batch().Start(call_, this); }

  void Over() {
    if (--pending_ > 0) return;
    observed_.Finish(call_, code_, close_cancelled_ != 0, context_);
    if (calls_.method_.holds_drain) --*calls_.queue_.in_flight;
    Free();
  }

  void Free() {
    std::atomic<int>& alive = *calls_.queue_.alive;
    delete this;
    --alive;
  }

  StreamCalls& calls_;
  grpc_call* call_ = nullptr;
  grpc_metadata_array metadata_{};
  grpc_byte_buffer* received_ = nullptr;
  int close_cancelled_ = 0;
  Step step_ = Step::kRequest;
  int pending_ = 2;       // the wait for the stream's end, and the status
  std::optional<Error> refused_;  // why a message was not handed on
  bool started_ = false;  // initial metadata is sent
  bool ended_ = false;    // the coroutine has
  StreamTask task_;
  Closed closed_;
  ObservedCall observed_;
  grpc_status_code code_ = GRPC_STATUS_OK;  // of the answer
};

void StreamCalls::Begin(std::size_t ready) {
  for (std::size_t i = 0; i < ready; ++i) RequestOne();
}

void StreamCalls::RequestOne() {
  auto call = std::make_unique<Call>(*this);
  if (call->Request()) call.release();  // gRPC has it until it is over
}

}  // namespace iris
