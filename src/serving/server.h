// SPDX-License-Identifier: Apache-2.0
//
// The gRPC server as the rest of the program sees it: started on listeners, drained, destroyed. Threading: Start, Drain
// and the destructor belong to one thread; the server's own threads never call back into the caller.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/inference/served_model.h"
#include "src/rpc/call_observer.h"
#include "src/system/listener.h"
#include "src/tls/server_tls_store.h"

namespace iris {

/// Where connections come from, and what they have to speak.
struct ServedListener {
  Listener listener;
  bool tls = false;
};

/// What a client may do to the server, and what the server does to find out whether a client is still there. Nothing
/// means never.
struct ServerLimits {
  std::size_t max_connections = 10'000;          ///< Or fewer, where descriptors do not suffice; see ConnectionLimit.
  std::size_t max_concurrent_streams = 256;      ///< Calls of a connection at once.
  std::size_t max_connection_bytes = std::size_t{64} << 20;  ///< That a connection makes the server hold.
  /// That all of them do: what they sent, as gRPC counts it, and as much again of answers that wait to be read.
  /// Nothing: DefaultMaxMemory().
  std::optional<std::size_t> max_memory_bytes{};
  std::chrono::milliseconds handshake_timeout{std::chrono::seconds(10)};  ///< Until TLS and HTTP/2 are agreed on.
  std::chrono::milliseconds stall_timeout{std::chrono::seconds(60)};  ///< For who takes next to nothing.
  std::size_t max_message_bytes = std::size_t{4} << 20;  ///< Of a request; of a reply to a batch, too.
  std::size_t max_metadata_bytes = std::size_t{8} << 10;
  std::chrono::milliseconds keepalive_time{std::chrono::hours(2)};         ///< Silence before a connection is pinged.
  std::chrono::milliseconds keepalive_timeout{std::chrono::seconds(20)};   ///< For the answer to such a ping.
  std::chrono::milliseconds min_ping_interval{std::chrono::minutes(5)};    ///< More pings than that close a connection.
  std::optional<std::chrono::milliseconds> max_connection_idle{std::chrono::minutes(15)};  ///< Without calls.
  std::optional<std::chrono::milliseconds> max_connection_age{};           ///< Before GOAWAY.
  std::optional<std::chrono::milliseconds> max_connection_age_grace{};     ///< For calls in flight then.
};

/// A quarter of UsableMemory(), and 1 MiB at least. A process that has confined itself can no longer find it out: it has to
/// be asked before.
std::size_t DefaultMaxMemory();

/// Connections to all listeners.
struct ConnectionCounts {
  std::size_t open = 0;        ///< Now.
  std::uint64_t accepted = 0;  ///< Since the start.
  std::uint64_t failed = 0;    ///< Times that one could not be taken: broken off before, or no descriptor or memory left.
  std::uint64_t beyond_limit = 0;  ///< Closed at once, because there were as many as there may be.
};

/// What a server is started with.
struct ServerOptions {
  std::string version{};                         ///< Of the program; told to those who ask for metadata.
  bool reflection = true;                        ///< Serve grpc.reflection.v1 and v1alpha.
  std::shared_ptr<const ServerTlsStore> tls{};   ///< Requires: there, when a listener has TLS.
  ServerLimits limits{};
  std::vector<CallObserver*> observers{};        ///< Told of every call; must outlive the server.
  ModelObserver* model_observer = nullptr;       ///< Told of every model; must outlive the server. Null: nobody is.
  int threads = 0;                               ///< 0: UsableProcessors().
};

class Server {
 public:
  /// Serves `model` on every one of `listeners` (taken over). When it returns, connections are accepted and the
  /// standard health service says SERVING for "" and every service.
  /// Errors: kIo when threads or descriptors cannot be had.
  static Result<std::unique_ptr<Server>> Start(ServedModel model, std::vector<ServedListener> listeners,
                                               const ServerOptions& options);
  virtual ~Server() = default;

  /// From now on calls are answered by `model`; those that have begun by the one that they began with, and of a stream
  /// each message as a whole by one of them. Before Drain.
  virtual void SetModel(ServedModel model) = 0;

  /// What the health service says of the whole server: true until Drain. From any thread.
  virtual bool serving() = 0;

  /// From any thread. Asks the system about every descriptor.
  virtual ConnectionCounts connections() const = 0;

  /// Whether every thread that serves (not those for long calls) has come round since this was last asked; false tells
  /// of one that hangs if there was time enough in between. Before Drain.
  virtual bool Beat() = 0;

  /// Health turns NOT_SERVING, watchers are told, new connections are refused, GOAWAY is sent, and calls in flight may
  /// finish within `deadline`; what is left then is cancelled. Returns whether all of them finished. Only calls are
  /// waited for: connections without any, health watchers and reflection streams, are closed a moment after the last
  /// call.
  virtual bool Drain(std::chrono::milliseconds deadline) = 0;
};

}  // namespace iris
