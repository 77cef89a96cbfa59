// SPDX-License-Identifier: Apache-2.0

#include "src/serving/health_service.h"

#include <utility>

namespace iris {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// One Watch call. Its state is guarded by the service's mutex; gRPC completes what is started here on another thread,
// never inside Start or Finish, so holding the mutex around those is safe.
class HealthService::Watcher final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  explicit Watcher(HealthService& service) : service_(service) {}

  void SendLocked(HealthCheckResponse::ServingStatus status) {
    response_.set_status(status);
    writing_ = true;
    StartWrite(&response_);
  }

  /// Says the last word and ends the call, as soon as no write is under way.
  void ShutDownLocked() {
    ending_ = true;
    if (!writing_) EndLocked();
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(service_.mutex_);
    writing_ = false;
    if (!ok) {
      FinishLocked({grpc::StatusCode::CANCELLED, "the watcher went away"});
    } else if (ending_) {
      EndLocked();
    }
  }

  void OnCancel() override {
    const std::lock_guard lock(service_.mutex_);
    FinishLocked(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    {
      const std::lock_guard lock(service_.mutex_);
      service_.watchers_.erase(this);
    }
    delete this;
  }

 private:
  void EndLocked() {
    if (!finished_ && response_.status() == HealthCheckResponse::SERVING) {
      SendLocked(HealthCheckResponse::NOT_SERVING);
    } else {
      FinishLocked({grpc::StatusCode::UNAVAILABLE, "the server is shutting down"});
    }
  }

  void FinishLocked(const grpc::Status& status) {
    if (!std::exchange(finished_, true)) Finish(status);
  }

  HealthService& service_;
  HealthCheckResponse response_;
  bool writing_ = false;
  bool ending_ = false;
  bool finished_ = false;
};

HealthService::HealthService(std::unordered_set<std::string> services) : services_(std::move(services)) {}

HealthService::~HealthService() = default;

void HealthService::Shutdown() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(shut_down_, true)) return;
  for (Watcher* const watcher : watchers_) watcher->ShutDownLocked();
}

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context, const HealthCheckRequest* request,
                                               HealthCheckResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  if (!services_.contains(request->service())) {
    reactor->Finish({grpc::StatusCode::NOT_FOUND, "no such service here"});
    return reactor;
  }
  const std::lock_guard lock(mutex_);
  response->set_status(shut_down_ ? HealthCheckResponse::NOT_SERVING : HealthCheckResponse::SERVING);
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(grpc::CallbackServerContext*,
                                                                    const HealthCheckRequest* request) {
  const bool known = services_.contains(request->service());
  auto* const watcher = new Watcher(*this);
  const std::lock_guard lock(mutex_);
  watchers_.insert(watcher);
  watcher->SendLocked(!known       ? HealthCheckResponse::SERVICE_UNKNOWN
                      : shut_down_ ? HealthCheckResponse::NOT_SERVING
                                   : HealthCheckResponse::SERVING);
  if (shut_down_) watcher->ShutDownLocked();
  return watcher;
}

}  // namespace iris
