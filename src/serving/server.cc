// SPDX-License-Identifier: Apache-2.0
//
// The server on gRPC C++ 1.51.1's callback API. Connections come from our own acceptor.

#include "src/serving/server.h"

#include <grpc/grpc.h>
#include <grpc/support/time.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <string>
#include <utility>

#include "src/rpc/log.h"
#include "src/serving/acceptor.h"
#include "src/serving/call_counter.h"
#include "src/serving/credentials.h"
#include "src/serving/health_service.h"
#include "src/serving/iris_service.h"
#include "src/serving/reflection.h"

namespace iris {
namespace {

using ConnectionSink = grpc::experimental::ExternalConnectionAcceptor;
using ExternalConnectionType = grpc::ServerBuilder::experimental_type::ExternalConnectionType;

using Clock = std::chrono::steady_clock;

// How long connections may stay once no call is in flight. With a client that listens one round trip is all it takes:
// GOAWAY and a ping go out, the ping's answer comes back, and the connection closes. This is enough for a round trip
// between continents, and for the last answers to arrive; it is what everybody waits for a client that is silent.
constexpr std::chrono::milliseconds kFarewell{250};
// How often the count of calls is looked at while they end.
constexpr std::chrono::milliseconds kLookEvery{10};

// The end of a server in gRPC's C interface: the C++ one knows one deadline only, for connections and calls alike, and
// does not tell whether it was met.
class ShutdownQueue {
 public:
  ShutdownQueue() : queue_(grpc_completion_queue_create_for_next(nullptr)) {}
  ShutdownQueue(const ShutdownQueue&) = delete;
  ShutdownQueue& operator=(const ShutdownQueue&) = delete;
  /// Requires: the shutdown of the server that was begun is complete.
  ~ShutdownQueue() {
    grpc_completion_queue_shutdown(queue_);
    while (Next(gpr_inf_future(GPR_CLOCK_MONOTONIC)) != GRPC_QUEUE_SHUTDOWN) {
    }
    grpc_completion_queue_destroy(queue_);
  }

  /// Sends GOAWAY on every connection of `server`. When it returns gRPC takes no call any more.
  void Begin(grpc_server* server) { grpc_server_shutdown_and_notify(server, queue_, this); }

  /// Waits this long at most. Returns whether every connection has closed.
  bool Wait(std::chrono::milliseconds limit) {
    const gpr_timespec delay = gpr_time_from_millis(limit.count(), GPR_TIMESPAN);
    return Next(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), delay)) == GRPC_OP_COMPLETE;
  }

 private:
  grpc_completion_type Next(gpr_timespec deadline) {
    return grpc_completion_queue_next(queue_, deadline, nullptr).type;
  }

  grpc_completion_queue* const queue_;
};

// Waits until every connection has closed, or the calls are over and connections had their time, or `deadline`. Returns
// whether the calls are over. They only grow fewer meanwhile, so looking now and then misses nothing.
bool AwaitEnd(ShutdownQueue& queue, const std::atomic<int>& calls_in_flight, Clock::time_point deadline) {
  Clock::time_point last_call = Clock::now();
  while (!queue.Wait(kLookEvery)) {
    const Clock::time_point now = Clock::now();
    if (calls_in_flight > 0) last_call = now;
    if (now >= deadline || now >= last_call + kFarewell) return calls_in_flight == 0;
  }
  return true;
}

class GrpcServer final : public Server {
 public:
  explicit GrpcServer(std::shared_ptr<const Model> model)
      : iris_(std::move(model)), health_({"", ml::IrisPredictor::service_full_name()}) {}

  ~GrpcServer() override { Drain(std::chrono::milliseconds(0)); }

  Result<void> Start(std::vector<Listener> listeners, const ServerOptions& options) {
    grpc::ServerBuilder builder;
    builder.RegisterService(&iris_);
    builder.RegisterService(&health_);
    builder.SetContextAllocator(std::make_unique<CallCounter>(calls_in_flight_));
    builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);  // nobody reads it, every call would pay for it
    SetReflection(builder, options.reflection);
    std::shared_ptr<ConnectionSink> sink = builder.experimental().AddExternalConnectionAcceptor(
        ExternalConnectionType::FROM_FD,
        options.tls ? MakeTlsCredentials(*options.tls) : MakePlaintextCredentials());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      return Fail(ErrorCode::kIo, "cannot start the gRPC server; its own messages above say why");
    }
    auto acceptor = Acceptor::Start(std::move(listeners), [sink = std::move(sink)](int listener, int connection) {
      ConnectionSink::NewConnectionParameters parameters;
      parameters.listener_fd = listener;
      parameters.fd = connection;
      sink->HandleNewConnection(&parameters);
    });
    if (!acceptor) return std::unexpected(acceptor.error());
    acceptor_ = *std::move(acceptor);
    return {};
  }

  bool Drain(std::chrono::milliseconds deadline) override {
    if (server_ == nullptr) return true;
    const Clock::time_point end = Clock::now() + deadline;
    health_.Shutdown();
    // Before gRPC shuts down: a connection that is handed to it afterwards would never be closed.
    if (acceptor_ != nullptr) acceptor_->Stop();
    ShutdownQueue queue;
    queue.Begin(server_->c_server());
    const bool finished = AwaitEnd(queue, calls_in_flight_, end);
    server_->Shutdown(gpr_inf_past(GPR_CLOCK_MONOTONIC));  // closes connections and cancels calls that are left
    server_.reset();
    return finished;
  }

 private:
  IrisService iris_;
  HealthService health_;
  std::atomic<int> calls_in_flight_ = 0;
  std::unique_ptr<grpc::Server> server_;  // before the acceptor, whose handler uses it
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(std::shared_ptr<const Model> model, std::vector<Listener> listeners,
                                              const ServerOptions& options) {
  RouteGrpcLog();
  auto server = std::make_unique<GrpcServer>(std::move(model));
  const Result<void> started = server->Start(std::move(listeners), options);
  if (!started) return std::unexpected(started.error());
  return server;
}

}  // namespace iris
