// SPDX-License-Identifier: Apache-2.0
//
// The calls of a server under the names that gRPC servers conventionally use, so that dashboards fit:
// grpc_server_started_total, grpc_server_handled_total, grpc_server_handling_seconds, grpc_server_msg_received_total,
// grpc_server_msg_sent_total. The labels come from the server's own list of methods, never from a caller: the number of
// series is settled when it starts.
// Source: github.com/grpc-ecosystem/go-grpc-prometheus.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/metrics/exposition.h"
#include "src/rpc/call_observer.h"

namespace iris {

/// Each queue counts in memory of its own and is its only writer, so counting takes no locked instruction; reading adds
/// the queues up. Write is safe from any thread, before Begin too.
class CallMetrics final : public CallObserver {
 public:
  void Begin(std::span<const ObservedMethod> methods, std::size_t queues) override;
  void Started(const ObservedMethod& method, std::size_t queue) override;
  void Received(const ObservedMethod& method, std::size_t queue) override;
  void Sent(const ObservedMethod& method, std::size_t queue) override;
  void Finished(const CallRecord& record) override;

  void Write(Exposition& exposition) const;

 private:
  static constexpr std::size_t kCodes = 17;
  static constexpr std::size_t kBuckets = 16;  // and one for what is above them

  // A number with one writer.
  class Cell {
   public:
    void Add(std::uint64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
    std::uint64_t Get() const { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<std::uint64_t> value_ = 0;
  };

  // What one queue counts of one method.
  struct alignas(64) Counts {
    Cell started;
    Cell received;
    Cell sent;
    Cell nanoseconds;
    std::array<Cell, kBuckets + 1> buckets;
    std::array<Cell, kCodes> handled;
  };

  // A method by its labels.
  struct Method {
    std::string_view type;
    std::string service;
    std::string name;
  };

  static Method Describe(const ObservedMethod& method);
  Counts& At(std::size_t method, std::size_t queue) { return counts_[queue * methods_.size() + method]; }
  template <typename Get>
  std::uint64_t Sum(std::size_t method, Get get) const;
  template <typename Get>
  void WriteCounter(Exposition& exposition, std::string_view name, std::string_view help, Get get) const;
  void WriteHandled(Exposition& exposition) const;
  void WriteSeconds(Exposition& exposition) const;

  std::vector<Method> methods_;
  std::size_t queues_ = 0;
  std::unique_ptr<Counts[]> counts_;  // queue-major
  std::atomic<bool> ready_ = false;   // the three above are settled
};

}  // namespace iris
