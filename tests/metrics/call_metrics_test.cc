// SPDX-License-Identifier: Apache-2.0

#include "src/metrics/call_metrics.h"

#include <thread>
#include <vector>

#include "catch_amalgamated.hpp"
#include "tests/metrics/page.h"

namespace iris {
namespace {

const std::vector<ObservedMethod> kMethods = {
    {.index = 0, .path = "/a.b.C/Do", .type = MethodType::kUnary},
    {.index = 1, .path = "/a.b.C/Watch", .type = MethodType::kServerStream},
    {.index = 2, .path = kUnknownMethod, .type = MethodType::kUnary}};
const std::string kDo = "{grpc_type=\"unary\",grpc_service=\"a.b.C\",grpc_method=\"Do\"";

void Call(CallMetrics& metrics, std::size_t queue, int code, std::chrono::nanoseconds elapsed) {
  metrics.Started(kMethods[0], queue);
  metrics.Received(kMethods[0], queue);
  if (code == 0) metrics.Sent(kMethods[0], queue);
  metrics.Finished({.method = kMethods.data(), .queue = queue, .code = code, .elapsed = elapsed});
}

TEST_CASE("before the server begins there is nothing to say") {
  CHECK(PageOf(CallMetrics()) == "");
}

TEST_CASE("calls are counted by method and status, over all queues") {
  CallMetrics metrics;
  metrics.Begin(kMethods, 2);
  Call(metrics, 0, 0, std::chrono::microseconds(40));
  Call(metrics, 1, 0, std::chrono::microseconds(100));
  Call(metrics, 1, 3, std::chrono::seconds(11));
  Call(metrics, 1, 99, std::chrono::seconds(1));  // no status of gRPC's
  const std::string page = PageOf(metrics);
  CHECK(HasLine(page, "grpc_server_started_total" + kDo + "} 4"));
  CHECK(HasLine(page, "grpc_server_handled_total" + kDo + ",grpc_code=\"OK\"} 2"));
  CHECK(HasLine(page, "grpc_server_handled_total" + kDo + ",grpc_code=\"InvalidArgument\"} 1"));
  CHECK(HasLine(page, "grpc_server_handled_total" + kDo + ",grpc_code=\"Unknown\"} 1"));
  CHECK(HasLine(page, "grpc_server_msg_received_total" + kDo + "} 4"));
  CHECK(HasLine(page, "grpc_server_msg_sent_total" + kDo + "} 2"));
  CHECK(HasLine(page, "grpc_server_started_total{grpc_type=\"server_stream\",grpc_service=\"a.b.C\",grpc_method=\"Watch\"} 0"));
  CHECK(HasLine(page, "grpc_server_started_total{grpc_type=\"unary\",grpc_service=\"unknown\",grpc_method=\"unknown\"} 0"));
}

TEST_CASE("a bucket holds what took no longer than its bound") {
  CallMetrics metrics;
  metrics.Begin(kMethods, 1);
  Call(metrics, 0, 0, std::chrono::microseconds(50));
  Call(metrics, 0, 0, std::chrono::nanoseconds(50'001));
  Call(metrics, 0, 0, std::chrono::seconds(11));
  const std::string page = PageOf(metrics);
  const std::string bucket = "grpc_server_handling_seconds_bucket" + kDo;
  CHECK(HasLine(page, bucket + ",le=\"5e-05\"} 1"));
  CHECK(HasLine(page, bucket + ",le=\"0.0001\"} 2"));
  CHECK(HasLine(page, bucket + ",le=\"10.0\"} 2"));
  CHECK(HasLine(page, bucket + ",le=\"+Inf\"} 3"));
  CHECK(HasLine(page, "grpc_server_handling_seconds_sum" + kDo + "} 11.000100001"));
  CHECK(HasLine(page, "grpc_server_handling_seconds_count" + kDo + "} 3"));
}

TEST_CASE("nothing is lost while queues count and somebody reads") {
  constexpr int kCalls = 20'000;
  CallMetrics metrics;
  metrics.Begin(kMethods, 3);
  std::vector<std::thread> queues;
  for (std::size_t queue = 0; queue < 3; ++queue) {
    queues.emplace_back([&metrics, queue] {
      for (int i = 0; i < kCalls; ++i) Call(metrics, queue, 0, std::chrono::microseconds(10));
    });
  }
  for (int i = 0; i < 10; ++i) CHECK(!PageOf(metrics).empty());
  for (std::thread& queue : queues) queue.join();
  CHECK(HasLine(PageOf(metrics), "grpc_server_handled_total" + kDo + ",grpc_code=\"OK\"} " + std::to_string(3 * kCalls)));
}

}  // namespace
}  // namespace iris
