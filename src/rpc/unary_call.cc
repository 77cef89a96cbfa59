// SPDX-License-Identifier: Apache-2.0
//
// A call's life: requested; arrived with its message (gRPC reads it first); answered on the queue's thread, or, when the
// message is long, on a worker, while the queue's thread listens for a cancellation; over, and used for another.

#include "src/rpc/unary_call.h"

#include <grpc/support/log.h>

#include <cstddef>
#include <optional>
#include <utility>

#include "src/rpc/batch.h"
#include "src/rpc/compression.h"
#include "src/rpc/long_message.h"
#include "src/rpc/observed_call.h"

namespace iris {
namespace {

constexpr std::size_t kMostIdle = 1024;  // of a method at a queue; beyond that they are freed

}  // namespace

class UnaryCalls::Call final : public Event {
 public:
  explicit Call(UnaryCalls& calls)
      : calls_(calls), closed_(*this), observed_(calls.queue_, calls.observed_) {
    grpc_metadata_array_init(&metadata_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() { grpc_metadata_array_destroy(&metadata_); }

  /// False when the server takes no more calls.
  bool Request() {
    arrived_ = false;
    metadata_.count = 0;
    request_ = nullptr;
    context_.cancelled = false;
    const CallQueue& queue = calls_.queue_;
    ++*queue.alive;
    const bool taken =
        grpc_server_request_registered_call(queue.server, calls_.registered_, &call_, &context_.deadline, &metadata_,
                                            &request_, queue.queue, queue.queue, this) == GRPC_CALL_OK;
    if (!taken) --*queue.alive;
    return taken;
  }

  void Complete(bool ok) override {
    if (arrived_) return Over();
    if (!ok) {  // the server shuts down
      --*calls_.queue_.alive;
      delete this;
      return;
    }
    arrived_ = true;
    ++*calls_.queue_.in_flight;
    Bytes request(request_);
    observed_.Start();
    if (request) observed_.Receive();
    if (IsLong(call_, request, *calls_.queue_.long_message)) {
      AnswerOnWorker(std::move(request));
    } else {
      pending_ = 1;
      const Outcome outcome = Answer(std::move(request));
      Batch batch;
      batch.ReceiveClose(&close_cancelled_);
      Send(batch, outcome);
    }
    calls_.RequestOne();
  }

 private:
  struct Outcome {
    Bytes reply;
    CallStatus status;
  };

  // gRPC closed the stream of a call that is on a worker.
  class Closed final : public Event {
   public:
    explicit Closed(Call& call) : call_(call) {}
    void Complete(bool) override {
      if (call_.close_cancelled_ != 0) call_.context_.cancelled = true;
      call_.Over();
    }

   private:
    Call& call_;
  };

  Result<Bytes> Reply(Bytes received) {
    if (context_.Abandoned()) return Fail(ErrorCode::kCancelled, "nobody waits for the answer any more");
    const Result<Bytes> request = Inflate(call_, std::move(received), calls_.queue_.max_message_bytes);
    if (!request) return std::unexpected(request.error());
    return calls_.method_.answer(*request, context_);
  }

  Outcome Answer(Bytes request) {
    Outcome outcome;
    Result<Bytes> reply = Reply(std::move(request));
    if (reply) {
      Keep(*std::move(reply), outcome);
    } else {
      outcome.status = ToCallStatus(reply.error());
    }
    return outcome;
  }

  // (Not inlined, nor the other: the profile knows their callers without them.)
  [[gnu::noinline]] void Keep(Bytes reply, Outcome& outcome) {
    const std::optional<std::size_t> taken = calls_.queue_.answers->Take(reply.size());
    if (taken) {
      kept_ = *taken;
      outcome.reply = std::move(reply);
    } else {
      outcome.status = ToCallStatus(Error{ErrorCode::kTooLarge, AnswerMemory::kNoRoom, {}});
    }
  }

  [[gnu::noinline]] void LetGo() {
    if (kept_ > 0) calls_.queue_.answers->Give(std::exchange(kept_, 0));
  }

  void Send(Batch& batch, const Outcome& outcome) {
    batch.SendInitialMetadata(IsCompressed(call_));
    code_ = outcome.status.code;
    if (outcome.reply) batch.SendMessage(outcome.reply);
    batch.SendStatus(outcome.status);
    batch.Start(call_, this);
  }

  void AnswerOnWorker(Bytes request) {
    pending_ = 2;
    Batch().ReceiveClose(&close_cancelled_).Start(call_, &closed_);
    const std::size_t bytes = request.size();
    // Shared, because a std::function has to be copyable.
    const bool taken = calls_.queue_.workers->Run(bytes, [this, request = std::make_shared<Bytes>(std::move(request))] {
      const Outcome outcome = Answer(std::move(*request));
      Batch batch;
      Send(batch, outcome);
    });
    if (taken) return;
    Outcome busy;
    busy.status.code = GRPC_STATUS_RESOURCE_EXHAUSTED;
    busy.status.message = "too many long messages wait to be answered; try again later, or with shorter ones";
    Batch batch;
    Send(batch, busy);
  }

  void Over() {
    if (--pending_ > 0) return;
    LetGo();
    if (code_ == GRPC_STATUS_OK && close_cancelled_ == 0) observed_.Send();
    observed_.Finish(call_, code_, close_cancelled_, context_);
    grpc_call_unref(std::exchange(call_, nullptr));
    --*calls_.queue_.in_flight;
    std::atomic<int>& alive = *calls_.queue_.alive;
    calls_.Recycle(std::unique_ptr<Call>(this));
    --alive;
  }

  UnaryCalls& calls_;
  grpc_call* call_ = nullptr;
  grpc_metadata_array metadata_{};
  grpc_byte_buffer* request_ = nullptr;
  CallContext context_;
  std::size_t kept_ = 0;  // bytes of the answer, where they count
  int close_cancelled_ = 0;
  int pending_ = 0;       // batches that are under way
  bool arrived_ = false;  // and not only requested
  Closed closed_;
  ObservedCall observed_;
  grpc_status_code code_ = GRPC_STATUS_OK;  // of the answer
};

UnaryCalls::UnaryCalls(const CallQueue& queue, const UnaryMethod& method, void* registered,
                       const ObservedMethod& observed)
    : queue_(queue), method_(method), registered_(registered), observed_(observed) {}

UnaryCalls::~UnaryCalls() = default;

void UnaryCalls::Begin(std::size_t ready) {
  for (std::size_t i = 0; i < ready; ++i) RequestOne();
}

void UnaryCalls::RequestOne() {
  std::unique_ptr<Call> call;
  if (idle_.empty()) {
    call = std::make_unique<Call>(*this);
  } else {
    call = std::move(idle_.back());
    idle_.pop_back();
  }
  if (call->Request()) call.release();  // gRPC has it until Complete
}

void UnaryCalls::Recycle(std::unique_ptr<Call> call) {
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(call));
}

}  // namespace iris
