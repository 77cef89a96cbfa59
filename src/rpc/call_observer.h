// SPDX-License-Identifier: Apache-2.0
//
// Who is told of every call: metrics, the access log. Plain values, nothing of gRPC's, so that a room without it can
// observe.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace iris {

enum class MethodType { kUnary, kServerStream, kBidiStream };

/// The path under which calls of methods that the server does not have are told, whatever they asked for.
inline constexpr std::string_view kUnknownMethod = "unknown";

/// A method as observers know it. Lives as long as the server.
struct ObservedMethod {
  std::size_t index = 0;   ///< Among the server's methods, from 0 on; the unknown one is the last.
  std::string_view path;   ///< "/ml.IrisPredictor/PredictIrisSpecies", or kUnknownMethod.
  MethodType type = MethodType::kUnary;
};

/// A call that is over. Valid while Finished runs.
struct CallRecord {
  const ObservedMethod* method = nullptr;
  std::size_t queue = 0;  ///< The number of the queue that had the call.
  /// How it ended for the caller, one of gRPC's 17: CANCELLED or DEADLINE_EXCEEDED for one that no longer waited, even if
  /// the answer was ready; what gRPC told the caller where it ended the call by itself, as for a message too long.
  int code = 0;
  std::chrono::nanoseconds elapsed{};  ///< From when it was handed in to when its status was taken by the network.
  std::uint32_t messages_received = 0;
  std::uint32_t messages_sent = 0;
  std::optional<std::chrono::nanoseconds> deadline_left{};  ///< Below 0 once it has passed; none: the caller set none.
  const void* call = nullptr;                               ///< For Peer().
  std::string (*peer)(const void* call) = nullptr;          ///< For Peer().

  /// Where it came from: "ipv4:192.0.2.1:40112", "ipv6:[2001:db8::1]:40112", "unix:". Allocates: ask only if needed.
  std::string Peer() const { return peer(call); }
};

/// Told of every call of a server, once started and once finished. Threading: the calls of one queue are told on one
/// thread at a time, so what is kept a queue needs no lock among its writers; different queues are told at once. What is
/// done here is done for every call: no lock that others hold for long, no system call as a rule. Must outlive the server.
class CallObserver {
 public:
  virtual ~CallObserver() = default;

  /// Once, before all else: the methods, by index, and how many queues there are.
  virtual void Begin(std::span<const ObservedMethod> /*methods*/, std::size_t /*queues*/) {}

  virtual void Started(const ObservedMethod& method, std::size_t queue) = 0;
  /// A message of a call came in, or was taken by the network.
  virtual void Received(const ObservedMethod& /*method*/, std::size_t /*queue*/) {}
  virtual void Sent(const ObservedMethod& /*method*/, std::size_t /*queue*/) {}
  virtual void Finished(const CallRecord& record) = 0;
};

}  // namespace iris
