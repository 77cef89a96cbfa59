// SPDX-License-Identifier: Apache-2.0
//
// Methods on a dispatcher, connections from our own acceptor, and how it all ends.

#include "src/serving/server.h"

#include <grpc/grpc.h>
#include <grpc/support/time.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "src/rpc/dispatcher.h"
#include "src/rpc/log.h"
#include "src/rpc/log_throttle.h"
#include "src/rpc/thread_room.h"
#include "src/serving/acceptor.h"
#include "src/serving/connection_limit.h"
#include "src/serving/credentials.h"
#include "src/serving/health.h"
#include "src/serving/reflection.h"
#include "src/serving/services.h"
#include "src/system/connections.h"
#include "src/system/log.h"
#include "src/system/memory.h"
#include "src/system/processors.h"

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
    if (closed_) return true;
    const gpr_timespec delay = gpr_time_from_millis(limit.count(), GPR_TIMESPAN);
    closed_ = Next(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), delay)) == GRPC_OP_COMPLETE;
    return closed_;
  }

 private:
  grpc_completion_type Next(gpr_timespec deadline) {
    return grpc_completion_queue_next(queue_, deadline, nullptr).type;
  }

  grpc_completion_queue* const queue_;
  bool closed_ = false;
};

// Waits until every call is over and every connection has closed, or had its time to, or `deadline`. Returns whether the
// calls are over. They only grow fewer meanwhile, so looking now and then misses nothing.
bool AwaitEnd(ShutdownQueue& queue, const Dispatcher& dispatcher, Clock::time_point deadline) {
  Clock::time_point last_call = Clock::now();
  for (;;) {
    const bool closed = queue.Wait(kLookEvery);
    const bool busy = dispatcher.in_flight() > 0;
    const Clock::time_point now = Clock::now();
    if (busy) last_call = now;
    if (!busy && (closed || now >= last_call + kFarewell)) return true;
    if (now >= deadline) return !busy;
    if (closed) std::this_thread::sleep_for(kLookEvery);  // a call without a connection has yet to notice
  }
}

int Milliseconds(std::chrono::milliseconds duration) {
  return static_cast<int>(std::min<std::int64_t>(duration.count(), std::numeric_limits<int>::max()));
}

int Milliseconds(const std::optional<std::chrono::milliseconds>& duration) {
  return duration ? Milliseconds(*duration) : std::numeric_limits<int>::max();
}

// What our patches of gRPC read; the names of its later versions where those have them.
constexpr const char* kSettingsTimeout = "grpc.http2.settings_timeout";
constexpr const char* kWriteStallTimeout = "grpc.http2.write_stall_timeout_ms";
constexpr const char* kMaxConnectionBytes = "grpc.http2.max_connection_bytes";
constexpr const char* kMaxMessageBytes = "grpc.http2.max_message_bytes";

// Bytes. What a connection reads at first: a few small calls. gRPC then follows what really comes, in chunks of 8 or 64 KiB.
constexpr int kFirstRead = 2 << 10;

int Bytes(std::size_t bytes) {
  return static_cast<int>(std::min<std::size_t>(bytes, std::numeric_limits<int>::max()));
}

// What a client may send on a stream before the server has taken any of it. All streams' together stay within what a
// connection may make the server hold, so that no call is ended for it whose client keeps to its windows (but where most
// are full of messages of a few bytes, which take more than that); gRPC's own choice, which follows what the way there could
// carry, does not know of that limit.
std::size_t StreamWindow(const ServerLimits& limits) {
  constexpr std::size_t kLeast = std::size_t{64} << 10;  // HTTP/2's own
  constexpr std::size_t kMost = std::size_t{1} << 20;
  return std::clamp(limits.max_connection_bytes / (limits.max_concurrent_streams + 1), kLeast, kMost);
}

// Asks the system only where it has to.
std::size_t MaxMemory(const ServerLimits& limits) {
  return limits.max_memory_bytes ? *limits.max_memory_bytes : DefaultMaxMemory();
}

void SetLimits(grpc::ServerBuilder& builder, const ServerLimits& limits) {
  grpc::ResourceQuota quota("server");
  builder.SetResourceQuota(quota.Resize(MaxMemory(limits)));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, Bytes(limits.max_concurrent_streams));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(limits.handshake_timeout));
  builder.AddChannelArgument(kSettingsTimeout, Milliseconds(limits.handshake_timeout));
  builder.AddChannelArgument(kWriteStallTimeout, Milliseconds(limits.stall_timeout));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, Bytes(StreamWindow(limits)));
  builder.AddChannelArgument(GRPC_ARG_TCP_READ_CHUNK_SIZE, kFirstRead);
  builder.AddChannelArgument(kMaxConnectionBytes, Bytes(limits.max_connection_bytes));
  builder.AddChannelArgument(kMaxMessageBytes, Bytes(limits.max_message_bytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(limits.max_metadata_bytes));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(limits.keepalive_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(limits.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Milliseconds(limits.min_ping_interval));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(limits.max_connection_idle));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(limits.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(limits.max_connection_age_grace));
}

class GrpcServer final : public Server {
 public:
  GrpcServer(ServedModel model, const ServerOptions& options)
      : model_observer_(options.model_observer),
        model_(Observed(std::move(model))),
        health_(ServiceNames(options.reflection)),
        threads_(options.threads > 0 ? options.threads : UsableProcessors()),
        dispatcher_(MakeMethods(options), threads_, options.limits.max_message_bytes,
                    MaxMemory(options.limits), options.observers) {}

  ~GrpcServer() override { Drain(std::chrono::milliseconds(0)); }

  Result<void> Start(std::vector<ServedListener> listeners, const ServerOptions& options) {
    grpc::ServerBuilder builder;
    dispatcher_.Register(builder);
    builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);  // nobody reads it, every call would pay for it
    SetLimits(builder, options.limits);
    std::shared_ptr<ConnectionSink> plaintext;
    std::shared_ptr<ConnectionSink> tls;
    Sinks sinks;
    std::vector<Listener> accepting;
    for (ServedListener& served : listeners) {
      if (served.tls && tls == nullptr) tls = AddSink(builder, MakeTlsCredentials(options.tls));
      if (!served.tls && plaintext == nullptr) plaintext = AddSink(builder, MakePlaintextCredentials());
      names_.emplace_back(served.listener.fd());
      sinks[served.listener.fd()] = served.tls ? tls : plaintext;
      accepting.push_back(std::move(served.listener));
    }
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      return Fail(ErrorCode::kIo, "cannot start the gRPC server; its own messages above say why");
    }
    if (Result<void> started = dispatcher_.Start(*server_); !started) return started;
    const std::size_t most = ConnectionsAllowed(options.limits.max_connections, threads_);
    if (most < options.limits.max_connections) {
      Log(LogLevel::kInfo, "at most " + std::to_string(most) + " connections at once, not " +
                               std::to_string(options.limits.max_connections) +
                               ": there are descriptors for no more (ulimit -n, LimitNOFILE=)");
    }
    limit_.emplace(most, [this](int fd) {
      return std::ranges::any_of(names_, [fd](const BoundName& name) { return name.IsOfConnection(fd); });
    });
    auto acceptor = Acceptor::Start(std::move(accepting), [this, sinks = std::move(sinks)](int listener, int connection) {
      if (!limit_->Admit(connection, ConnectionLimit::Clock::now())) return TurnAway(Descriptor(connection));
      ++accepted_;
      ConnectionSink::NewConnectionParameters parameters;
      parameters.listener_fd = listener;
      parameters.fd = connection;
      sinks.at(listener)->HandleNewConnection(&parameters);
    });
    if (!acceptor) return std::unexpected(acceptor.error());
    acceptor_ = *std::move(acceptor);
    return {};
  }

  void SetModel(ServedModel model) override { model_.Set(Observed(std::move(model))); }

  bool serving() override { return health_.serving(); }

  ConnectionCounts connections() const override {
    return {.open = CountConnections(names_), .accepted = accepted_, .failed = acceptor_->failures(),
            .beyond_limit = turned_away_};
  }

  bool Beat() override {
    const bool accepting = acceptor_->Beat();  // both are asked every time
    return dispatcher_.Beat() && accepting;
  }

  bool Drain(std::chrono::milliseconds deadline) override {
    if (server_ == nullptr) return true;
    const Clock::time_point end = Clock::now() + deadline;
    health_.Shutdown();
    // Before gRPC shuts down: a connection that is handed to it afterwards would never be closed.
    if (acceptor_ != nullptr) acceptor_->Stop();
    ShutdownQueue queue;
    queue.Begin(server_->c_server());
    const bool finished = AwaitEnd(queue, dispatcher_, end);
    grpc_server_cancel_all_calls(server_->c_server());  // and close the connections
    // One whose peer does not read what is on its way would never close.
    if (!queue.Wait(kFarewell)) ShutDownConnections(names_);
    server_->Shutdown(gpr_inf_past(GPR_CLOCK_MONOTONIC));
    dispatcher_.Stop();
    server_.reset();
    return finished;
  }

 private:
  // Where the connections of a listener, named by its descriptor, go.
  using Sinks = std::map<int, std::shared_ptr<ConnectionSink>>;

  static std::shared_ptr<ConnectionSink> AddSink(grpc::ServerBuilder& builder,
                                                 std::shared_ptr<grpc::ServerCredentials> credentials) {
    return builder.experimental().AddExternalConnectionAcceptor(ExternalConnectionType::FROM_FD,
                                                                std::move(credentials));
  }

  // On the acceptor's thread. At once, so that the client knows and turns to another server instead of waiting here.
  void TurnAway(Descriptor) {
    ++turned_away_;
    const std::string message = "refused a connection: there are " + std::to_string(limit_->most()) +
                                " already, which is the limit (--max-connections, and descriptors: ulimit -n)";
    for (const std::string& line : throttle_.Take(message, LogThrottle::Clock::now())) Log(LogLevel::kWarning, line);
  }

  ServedModel Observed(ServedModel model) {
    if (model_observer_ != nullptr) model.tally = model_observer_->Serve(model);
    return model;
  }

  Methods MakeMethods(const ServerOptions& options) {
    Methods methods;
    AddPredictionServices(methods, model_, health_,
                          {.version = options.version, .reply_limit = options.limits.max_message_bytes});
    health_.AddMethods(methods);
    if (options.reflection) AddReflection(methods, ServiceNames(true));
    return methods;
  }

  ModelObserver* const model_observer_;
  ModelSlot model_;
  Health health_;
  const int threads_;
  Dispatcher dispatcher_;                 // whose calls use the two above
  std::unique_ptr<grpc::Server> server_;  // before the acceptor, whose handler uses it
  std::atomic<std::uint64_t> accepted_ = 0;  // connections; before the acceptor, too
  std::atomic<std::uint64_t> turned_away_ = 0;
  LogThrottle throttle_;                  // of what is said of those
  std::optional<ConnectionLimit> limit_;
  std::vector<BoundName> names_;          // of the listeners
  std::unique_ptr<Acceptor> acceptor_;    // whose handler uses the four above
};

}  // namespace

// Requests and answers may take as much each; the rest is for what is made of them, and for others.
std::size_t DefaultMaxMemory() {
  constexpr std::size_t kLeast = std::size_t{1} << 20;
  return std::max(kLeast, UsableMemory() / 4);
}

Result<std::unique_ptr<Server>> Server::Start(ServedModel model, std::vector<ServedListener> listeners,
                                              const ServerOptions& options) {
  if (const Result<void> room = CheckThreadRoom(); !room) return std::unexpected(room.error());
  RouteGrpcLog();
  auto server = std::make_unique<GrpcServer>(std::move(model), options);
  const Result<void> started = server->Start(std::move(listeners), options);
  if (!started) return std::unexpected(started.error());
  return server;
}

}  // namespace iris
