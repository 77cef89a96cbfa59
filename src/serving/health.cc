// SPDX-License-Identifier: Apache-2.0

#include "src/serving/health.h"

#include <optional>
#include <utility>

#include "src/base/text.h"

namespace iris {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using grpc::health::v1::HealthListRequest;
using grpc::health::v1::HealthListResponse;

// A stream is told of changes while this lives.
class Health::Subscription {
 public:
  Subscription(Health& health, Stream& stream) : health_(health), stream_(stream) {
    const std::lock_guard lock(health_.mutex_);
    health_.watchers_.insert(&stream_);
  }
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription() {
    const std::lock_guard lock(health_.mutex_);
    health_.watchers_.erase(&stream_);
  }

 private:
  Health& health_;
  Stream& stream_;
};

Health::Health(const std::vector<std::string>& services) : services_(services.begin(), services.end()) {
  services_.insert("");
}

void Health::AddMethods(Methods& methods) {
  methods.unary.push_back(MakeUnary<HealthCheckRequest>(
      "/grpc.health.v1.Health/Check",
      [this](const HealthCheckRequest& request, const CallContext&) { return Check(request); }));
  methods.unary.push_back(MakeUnary<HealthListRequest>(
      "/grpc.health.v1.Health/List",
      [this](const HealthListRequest&, const CallContext&) -> Result<HealthListResponse> { return List(); }));
  methods.streams.push_back({.path = "/grpc.health.v1.Health/Watch",
                             .run = [this](Stream& stream) { return Watch(stream); },
                             .holds_drain = false,
                             .type = MethodType::kServerStream});
}

void Health::Shutdown() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(shut_down_, true)) return;
  for (Stream* const watcher : watchers_) watcher->Notify();
}

bool Health::serving() {
  const std::lock_guard lock(mutex_);
  return !shut_down_;
}

Health::Status Health::StatusOf(const std::string& service) {
  if (!services_.contains(service)) return HealthCheckResponse::SERVICE_UNKNOWN;
  return serving() ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

Result<HealthCheckResponse> Health::Check(const HealthCheckRequest& request) {
  const Status status = StatusOf(request.service());
  if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
    return Fail(ErrorCode::kNotFound, "there is no service " + Quote(request.service()) +
                                          " here; List names those there are");
  }
  HealthCheckResponse response;
  response.set_status(status);
  return response;
}

HealthListResponse Health::List() {
  HealthListResponse response;
  for (const std::string& service : services_) (*response.mutable_statuses())[service].set_status(StatusOf(service));
  return response;
}

StreamTask Health::Watch(Stream& stream) {
  HealthCheckRequest request;
  const Bytes bytes = co_await stream.Read();
  if (!Parse(bytes, request)) co_return NotAMessage(bytes, request.GetTypeName());
  const Subscription subscription(*this, stream);
  std::optional<Status> said;
  for (;;) {
    const Status status = StatusOf(request.service());
    if (status != said) {
      said = status;
      HealthCheckResponse response;
      response.set_status(status);
      if (!co_await stream.Write(Serialize(response))) co_return Fail(ErrorCode::kCancelled, "the watcher went away");
    }
    if (status != HealthCheckResponse::SERVING && !serving()) break;
    co_await stream.Wait();
    if (stream.context().Abandoned()) co_return Fail(ErrorCode::kCancelled, "the watcher went away");
  }
  co_return Fail(ErrorCode::kUnavailable, "the server is shutting down");
}

}  // namespace iris
