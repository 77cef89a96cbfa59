// SPDX-License-Identifier: Apache-2.0
//
// Serves methods on a gRPC server: completion queues with a thread each, the calls at them, and workers for long ones.
// gRPC's C++ library builds the server; calls are driven through its C interface, which its C++ one is a wrapper of.

#pragma once

#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "src/base/error.h"
#include "src/rpc/answer_memory.h"
#include "src/rpc/call_observer.h"
#include "src/rpc/call_queue.h"
#include "src/rpc/method.h"
#include "src/rpc/pulse.h"
#include "src/rpc/stream_call.h"
#include "src/rpc/unary_call.h"
#include "src/rpc/unknown_call.h"
#include "src/rpc/workers.h"

namespace iris {

/// Between Register and Start stands ServerBuilder::BuildAndStart, behind Start some day Server::Shutdown, and then
/// Stop. One thread calls all of them.
class Dispatcher {
 public:
  /// `threads` ≥ 1 queues, each with its thread, and as many workers. Requests have at most `max_message_bytes`, however
  /// they are compressed; answers that wait to be read take at most `max_answer_bytes` together. `observers` are told of
  /// every call, and must outlive the dispatcher.
  Dispatcher(Methods methods, int threads, std::size_t max_message_bytes, std::size_t max_answer_bytes,
             std::vector<CallObserver*> observers = {});
  ~Dispatcher();

  void Register(grpc::ServerBuilder& builder);

  /// Takes calls from now on. Errors: kIo when threads cannot be had; the server then has to be shut down.
  Result<void> Start(grpc::Server& server);

  /// Waits for the calls that are not over yet and ends the threads. Requires: the server was shut down, so that they
  /// all end soon.
  void Stop();

  /// Calls that have come in and are not over, except streams that hold up no drain. From any thread.
  int in_flight() const { return in_flight_; }

  /// Whether every thread that serves has come round since this was last asked. Between Start and Stop.
  bool Beat() { return pulse_->Beat(); }

 private:
  class Service;

  static void Run(grpc_completion_queue* queue);

  const Methods methods_;
  const int threads_;
  const std::size_t max_message_bytes_;
  AnswerMemory answers_;
  const std::vector<CallObserver*> observers_;
  const std::vector<ObservedMethod> observed_;  // unary, streams, unknown
  std::atomic<int> in_flight_ = 0;
  std::atomic<int> alive_ = 0;
  std::unique_ptr<Service> service_;
  grpc::AsyncGenericService unknown_methods_;  // for being asked; gRPC would answer them by itself otherwise
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues_;
  Workers workers_;
  // The calls at each queue. Deques, because calls keep the addresses.
  std::deque<CallQueue> call_queues_;
  std::deque<UnaryCalls> unary_;
  std::deque<StreamCalls> streams_;
  std::deque<UnknownCalls> unknown_;
  std::unique_ptr<Pulse> pulse_;  // on the calls' queues
  std::vector<std::thread> queue_threads_;
};

}  // namespace iris
