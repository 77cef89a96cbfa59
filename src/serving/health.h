// SPDX-License-Identifier: Apache-2.0
//
// grpc.health.v1.Health. Of our own, because gRPC's would keep a draining server waiting for its watchers: ours are told
// NOT_SERVING and then let go.
// Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md

#pragma once

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "grpc/health/v1/health.pb.h"
#include "src/base/error.h"
#include "src/rpc/method.h"

namespace iris {

/// Every service that it was made with is SERVING until Shutdown, NOT_SERVING afterwards. Safe from any thread. Must
/// outlive the server that it is added to.
class Health {
 public:
  /// `services` are full names; the whole server, "", is added to them.
  explicit Health(const std::vector<std::string>& services);

  /// Check, List and Watch. Check answers NOT_FOUND for a service that is not there; Watch answers SERVICE_UNKNOWN then,
  /// and stays open.
  void AddMethods(Methods& methods);

  /// Everything is NOT_SERVING from now on: watchers get that as their last message, and their calls end with
  /// UNAVAILABLE. Calling it again changes nothing.
  void Shutdown();

  bool serving();

 private:
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  class Subscription;

  Result<grpc::health::v1::HealthCheckResponse> Check(const grpc::health::v1::HealthCheckRequest& request);
  grpc::health::v1::HealthListResponse List();
  StreamTask Watch(Stream& stream);
  Status StatusOf(const std::string& service);

  std::set<std::string> services_;
  std::mutex mutex_;
  bool shut_down_ = false;      // guarded by mutex_
  std::set<Stream*> watchers_;  // guarded by mutex_; each leaves before its call is over
};

}  // namespace iris
