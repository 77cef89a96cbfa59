// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/dispatcher.h"

#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/impl/service_type.h>

#include <chrono>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "src/base/text.h"
#include "src/rpc/queue_order.h"
#include "src/system/free_memory.h"

namespace iris {
namespace {

// Calls that wait ready at each queue, so that gRPC finds one at once when many come in together.
constexpr std::size_t kReadyUnary = 16;
constexpr std::size_t kReadyStreams = 2;
constexpr std::size_t kReadyUnknown = 1;

// A thread that had nothing to do for so long gives back what its last calls needed, and what connections did that it read
// from without a call coming of it: hence every time, not once.
constexpr gpr_timespec kQuiet{.tv_sec = 3, .tv_nsec = 0, .clock_type = GPR_TIMESPAN};

// How often the count of calls is looked at in the end.
constexpr std::chrono::milliseconds kLookEvery{1};

using grpc::internal::RpcServiceMethod;

std::vector<ObservedMethod> ObservedMethods(const Methods& methods) {
  std::vector<ObservedMethod> observed;
  const auto add = [&observed](std::string_view path, MethodType type) {
    observed.push_back({.index = observed.size(), .path = path, .type = type});
  };
  for (const UnaryMethod& method : methods.unary) add(method.path, MethodType::kUnary);
  for (const StreamMethod& method : methods.streams) add(method.path, method.type);
  add(kUnknownMethod, MethodType::kUnary);
  return observed;
}

}  // namespace

// The methods as gRPC's C++ library wants them registered. Without a handler: it leaves the calls to us.
class Dispatcher::Service final : public grpc::Service {
 public:
  explicit Service(const Methods& methods) {
    for (const UnaryMethod& method : methods.unary) Add(method.path, RpcServiceMethod::NORMAL_RPC);
    for (const StreamMethod& method : methods.streams) Add(method.path, RpcServiceMethod::BIDI_STREAMING);
  }

  /// What gRPC calls method number `i`. Once it is registered.
  void* registered(std::size_t i) const { return methods_[i]->server_tag(); }

 private:
  void Add(const std::string& path, RpcServiceMethod::RpcType type) {
    auto* const method = new RpcServiceMethod(path.c_str(), type, nullptr);
    AddMethod(method);  // takes it over
    methods_.push_back(method);
  }

  std::vector<const RpcServiceMethod*> methods_;
};

Dispatcher::Dispatcher(Methods methods, int threads, std::size_t max_message_bytes, std::size_t max_answer_bytes,
                       std::vector<CallObserver*> observers)
    : methods_(std::move(methods)),
      threads_(threads),
      max_message_bytes_(max_message_bytes),
      answers_(max_answer_bytes),
      observers_(std::move(observers)),
      observed_(ObservedMethods(methods_)),
      service_(std::make_unique<Service>(methods_)) {}

Dispatcher::~Dispatcher() { Stop(); }

void Dispatcher::Register(grpc::ServerBuilder& builder) {
  builder.RegisterService(service_.get());
  builder.RegisterAsyncGenericService(&unknown_methods_);
  // compression.h limits them. gRPC's own filter looks no sooner, when a message is there as a whole, and then ends the
  // call without handing it in, so that nobody would be told of it.
  builder.SetMaxReceiveMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);  // compression.h does it
  // Our patch of gRPC: answers that a queue's thread gives without a pause leave in one write. Its loop, below, keeps what
  // that requires.
  builder.AddChannelArgument("grpc.http2.write_together", 1);
  for (int i = 0; i < threads_; ++i) queues_.push_back(builder.AddCompletionQueue());
}

Result<void> Dispatcher::Start(grpc::Server& server) {
  if (Result<void> started = workers_.Start(threads_); !started) return started;
  for (CallObserver* const observer : observers_) observer->Begin(observed_, queues_.size());
  for (const auto& queue : queues_) {
    const CallQueue& calls = call_queues_.emplace_back(CallQueue{.server = server.c_server(),
                                                                 .queue = queue->cq(),
                                                                 .workers = &workers_,
                                                                 .long_message = &methods_.long_message,
                                                                 .max_message_bytes = max_message_bytes_,
                                                                 .answers = &answers_,
                                                                 .alive = &alive_,
                                                                 .in_flight = &in_flight_,
                                                                 .index = call_queues_.size(),
                                                                 .observers = observers_});
    std::size_t i = 0;
    for (const UnaryMethod& method : methods_.unary) {
      unary_.emplace_back(calls, method, service_->registered(i), observed_[i]).Begin(kReadyUnary);
      ++i;
    }
    for (const StreamMethod& method : methods_.streams) {
      streams_.emplace_back(calls, method, service_->registered(i), observed_[i]).Begin(kReadyStreams);
      ++i;
    }
    unknown_.emplace_back(calls, observed_.back()).Begin(kReadyUnknown);
  }
  pulse_ = std::make_unique<Pulse>(call_queues_);
  try {
    for (const auto& queue : queues_) {
      queue_threads_.emplace_back([calls = queue->cq()] { Run(calls); });
    }
  } catch (const std::system_error& error) {
    return Fail(ErrorCode::kIo, "cannot start a serving thread: " + SystemReason(error.code().value()) +
                                    "; raise the limit on processes (ulimit -u, TasksMax=)");
  }
  return {};
}

void Dispatcher::Run(grpc_completion_queue* queue) {
  const auto later = [] { return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), kQuiet); };
  gpr_timespec look = later();  // whether there was an event since the last look; the clock is not read at each
  for (bool busy = false;;) {
    const grpc_event event = grpc_completion_queue_next(queue, look, nullptr);
    if (event.type == GRPC_QUEUE_SHUTDOWN) return;
    if (event.type == GRPC_QUEUE_TIMEOUT) {
      if (!busy) ReturnFreeMemory();
      look = later();
    }
    busy = event.type == GRPC_OP_COMPLETE;
    if (!busy) continue;
    AfterCompletion(event.tag);
    static_cast<Event*>(event.tag)->Complete(event.success != 0);
  }
}

void Dispatcher::Stop() {
  // gRPC's server is down once its connections are closed, not once its calls are over. Where a queue never got its
  // thread, nothing has arrived, and what was asked for comes back below.
  while (queue_threads_.size() == queues_.size() && alive_ > 0) std::this_thread::sleep_for(kLookEvery);
  workers_.Stop();
  pulse_.reset();
  for (const auto& queue : queues_) queue->Shutdown();
  for (std::thread& thread : queue_threads_) thread.join();
  // A queue that never got its thread is emptied here.
  for (std::size_t i = queue_threads_.size(); i < queues_.size(); ++i) Run(queues_[i]->cq());
  queue_threads_.clear();
  queues_.clear();
}

}  // namespace iris
