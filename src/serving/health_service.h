// SPDX-License-Identifier: Apache-2.0
//
// grpc.health.v1.Health. Of our own, because gRPC's is switched on for the whole process, and because its watchers
// would keep a draining server waiting: ours are told NOT_SERVING and then let go.
// Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md

#pragma once

#include <mutex>
#include <set>
#include <string>
#include <unordered_set>

#include "grpc/health/v1/health.grpc.pb.h"

namespace iris {

/// Every service that it was made with is SERVING until Shutdown, NOT_SERVING afterwards. Check answers NOT_FOUND for
/// any other; Watch answers SERVICE_UNKNOWN and stays open. Safe from any thread. Must outlive the server that it is
/// registered with, whose shutdown ends every call.
class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  /// `services` are full names; "" stands for the whole server.
  explicit HealthService(std::unordered_set<std::string> services);
  ~HealthService() override;

  /// Everything is NOT_SERVING from now on: watchers get that as their last message, and their calls end with
  /// UNAVAILABLE. Calling it again changes nothing.
  void Shutdown();

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* context, const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  class Watcher;

  const std::unordered_set<std::string> services_;
  std::mutex mutex_;
  bool shut_down_ = false;       // guarded by mutex_
  std::set<Watcher*> watchers_;  // guarded by mutex_; each leaves when its call is over
};

}  // namespace iris
