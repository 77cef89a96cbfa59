// SPDX-License-Identifier: Apache-2.0
//
// Counts the calls in flight of every service of ours, at the one place where gRPC's callback API announces them all:
// it asks for a context when it takes a call, and gives it back once the call is over and its answer was written.

#pragma once

#include <grpcpp/server_context.h>

#include <atomic>

namespace iris {

/// Installed with ServerBuilder::SetContextAllocator, which takes it over; `in_flight` must outlive the server. Costs a
/// call two additions: it allocates nothing, since gRPC takes nullptr as "use your own". Calls of the blocking API,
/// which gRPC's reflection is made with, are not counted.
class CallCounter final : public grpc::ContextAllocator {
 public:
  explicit CallCounter(std::atomic<int>& in_flight) : in_flight_(in_flight) {}

  grpc::CallbackServerContext* NewCallbackServerContext() override {
    ++in_flight_;
    return nullptr;
  }
  grpc::GenericCallbackServerContext* NewGenericCallbackServerContext() override {
    ++in_flight_;
    return nullptr;
  }
  void Release(grpc::CallbackServerContext*) override { --in_flight_; }
  void Release(grpc::GenericCallbackServerContext*) override { --in_flight_; }

 private:
  std::atomic<int>& in_flight_;
};

}  // namespace iris
