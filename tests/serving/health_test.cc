// SPDX-License-Identifier: Apache-2.0

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "catch_amalgamated.hpp"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/serving/fixture.h"

namespace iris {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

HealthCheckRequest About(const std::string& service) {
  HealthCheckRequest request;
  request.set_service(service);
  return request;
}

// One Watch call with a deadline.
class Watch {
 public:
  Watch(const std::shared_ptr<grpc::Channel>& channel, const std::string& service,
        std::chrono::milliseconds deadline = std::chrono::seconds(20))
      : stub_(Health::NewStub(channel)) {
    context_.set_deadline(std::chrono::system_clock::now() + deadline);
    reader_ = stub_->Watch(&context_, About(service));
  }
  std::optional<HealthCheckResponse::ServingStatus> Next() {
    HealthCheckResponse response;
    if (!reader_->Read(&response)) return std::nullopt;
    return response.status();
  }
  grpc::Status Finish() { return reader_->Finish(); }
  void Cancel() { context_.TryCancel(); }

 private:
  std::unique_ptr<Health::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> reader_;
};

TEST_CASE("Check says SERVING for the server and the service, NOT_FOUND for others") {
  const Running running = Serve();
  const auto stub = Health::NewStub(Dial(running.address));
  for (const std::string service : {"", "ml.IrisPredictor"}) {
    grpc::ClientContext context;
    HealthCheckResponse response;
    REQUIRE(stub->Check(&context, About(service), &response).ok());
    CHECK(response.status() == HealthCheckResponse::SERVING);
  }
  grpc::ClientContext context;
  HealthCheckResponse response;
  CHECK(stub->Check(&context, About("ml.Nobody"), &response).error_code() == grpc::StatusCode::NOT_FOUND);
}

TEST_CASE("watchers are told NOT_SERVING, then let go, so that they do not hold up a drain") {
  const std::string service = GENERATE("", "ml.IrisPredictor");
  const Running running = Serve();
  Watch watch(Dial(running.address), service);
  REQUIRE(watch.Next() == HealthCheckResponse::SERVING);
  bool finished = false;
  std::thread drain([&] { finished = running.server->Drain(std::chrono::seconds(15)); });
  CHECK(watch.Next() == HealthCheckResponse::NOT_SERVING);
  CHECK(watch.Next() == std::nullopt);
  CHECK(watch.Finish().error_code() == grpc::StatusCode::UNAVAILABLE);
  drain.join();
  CHECK(finished);
}

TEST_CASE("watching an unknown service says SERVICE_UNKNOWN and stays open") {
  const Running running = Serve();
  Watch watch(Dial(running.address), "ml.Nobody", std::chrono::milliseconds(400));
  REQUIRE(watch.Next() == HealthCheckResponse::SERVICE_UNKNOWN);
  CHECK(watch.Next() == std::nullopt);  // nothing more until the deadline of the call
  CHECK(watch.Finish().error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_CASE("watchers may come and go in any way") {
  const Running running = Serve();
  const auto channel = Dial(running.address);
  for (int i = 0; i < 50; ++i) {
    Watch watch(channel, i % 2 == 0 ? "" : "ml.Nobody");
    if (i % 3 != 0) REQUIRE(watch.Next());
    watch.Cancel();
    while (watch.Next()) {
    }
    watch.Finish();
  }
  Watch last(channel, "");
  CHECK(last.Next() == HealthCheckResponse::SERVING);
  CHECK(running.server->Drain(std::chrono::seconds(15)));
  while (last.Next()) {
  }
  last.Finish();
}

}  // namespace
}  // namespace iris
