// SPDX-License-Identifier: Apache-2.0
//
// A call's life: requested; arrived, and its coroutine runs from step to step; the coroutine has ended and the status is
// on its way; over. At any time one step of the coroutine is under way, and the wait for the stream's end.
//
// The coroutine goes on where its step was done, on the queue's thread, but with a long message on a worker. So whoever
// lets it go on starts the next step as the last thing, and touches nothing of the call afterwards: that step may be
// done on the queue's thread already. Only the queue's thread starts and ends a call and tells observers of it.

#include "src/rpc/stream_call.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "src/rpc/batch.h"
#include "src/rpc/compression.h"
#include "src/rpc/long_message.h"
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
    switch (step_.load(std::memory_order_acquire)) {
      case Step::kRequest:
        return ok ? Arrive() : Free();
      case Step::kRead:
        return Received(ok);
      case Step::kWrite:
        message_ = Bytes();
        LetGo();
        ok_ = ok;
        if (ok) observed_.Send();
        return Continue();
      case Step::kWait:
        return Continue();
      case Step::kFinish:
        return Over();
    }
  }

 private:
  enum class Step { kRequest, kRead, kWrite, kWait, kFinish };

  // gRPC closed the stream: the caller went away, or the status was sent.
  class Closed final : public Event {
   public:
    explicit Closed(Call& call) : call_(call) {}
    void Complete(bool) override {
      if (call_.close_cancelled_ != 0) call_.context_.cancelled = true;
      call_.Notify();  // to no effect when the coroutine has ended, because it does not wait then
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

  void Received(bool ok) {
    message_ = Bytes(std::exchange(received_, nullptr));
    if (!ok) {
      refused_ = Error{ErrorCode::kInvalidArgument, "the stream ended inside a message, or with one that is malformed", {}};
      return Continue();
    }
    if (message_) observed_.Receive();
    // Where too many wait for a worker, others wait behind this one: refusing it would end the whole stream.
    const CallQueue& queue = calls_.queue_;
    if (IsLong(call_, message_, *queue.long_message) && queue.workers->Run(message_.size(), [this] { TakeUp(); })) return;
    TakeUp();
  }

  // A message that cannot be inflated is the coroutine's end of the stream, and the reason is what the caller is told.
  void TakeUp() {
    Result<Bytes> message = Inflate(call_, std::move(message_), calls_.queue_.max_message_bytes);
    if (message) {
      message_ = *std::move(message);
    } else {
      message_ = Bytes();
      refused_ = std::move(message.error());
    }
    Continue();
  }

  // Lets the coroutine go on to its next step, and starts that.
  void Continue() {
    for (;;) {
      if (task_.Resume()) return Finish();
      switch (awaited_) {
        case Await::kRead:
          return StartRead();
        case Await::kWrite:
          return StartWrite();
        case Await::kWait:
          step_.store(Step::kWait, std::memory_order_release);
          if (MustWait()) return;
      }
    }
  }

  void Finish() {
    const CallStatus status = refused_          ? ToCallStatus(*refused_)
                              : task_.result() ? CallStatus{}
                                               : ToCallStatus(task_.result().error());
    code_ = status.code;
    Batch batch;
    SendInitialMetadataOnce(batch);
    step_.store(Step::kFinish, std::memory_order_release);
    batch.SendStatus(status).Start(call_, this);
  }

  void SendInitialMetadataOnce(Batch& batch) {
    if (!std::exchange(started_, true)) batch.SendInitialMetadata(IsCompressed(call_));
  }

  void StartRead() {
    step_.store(Step::kRead, std::memory_order_release);
    Batch().ReceiveMessage(&received_).Start(call_, this);
  }

  void StartWrite() {
    const std::optional<std::size_t> taken = calls_.queue_.answers->Take(message_.size());
    if (!taken) {  // as if nobody took it, but for what the caller is told
      message_ = Bytes();
      refused_ = Error{ErrorCode::kTooLarge, AnswerMemory::kNoRoom, {}};
      ok_ = false;
      return Continue();
    }
    kept_ = *taken;
    Batch batch;
    SendInitialMetadataOnce(batch);
    step_.store(Step::kWrite, std::memory_order_release);
    batch.SendMessage(message_).Start(call_, this);
  }

  // (Not inlined: the profile knows its caller without it.)
  [[gnu::noinline]] void LetGo() {
    if (kept_ > 0) calls_.queue_.answers->Give(std::exchange(kept_, 0));
  }

  // A batch of nothing is done at once, on the queue's thread.
  void WakeUp() override { Batch().Start(call_, this); }

  void Over() {
    if (--pending_ > 0) return;
    observed_.Finish(call_, code_, close_cancelled_, context_);
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
  std::size_t kept_ = 0;  // bytes of the message that is being written, where they count
  int close_cancelled_ = 0;
  // What is under way. Written last before it is started and read first when it is done, by which the one thread sees
  // all else that the other did to the call.
  std::atomic<Step> step_ = Step::kRequest;
  int pending_ = 2;               // the wait for the stream's end, and the status
  std::optional<Error> refused_;  // why a message was not handed on
  bool started_ = false;          // initial metadata is sent
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
