// SPDX-License-Identifier: Apache-2.0

#include "src/cli/bench_report.h"

#include "catch_amalgamated.hpp"
#include "tests/cli/run.h"

namespace iris {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

/// 1,000 calls in 2 s: 990 answered within 1 to 990 ms, 2 of them wrongly, and 10 failed.
LoadResult Measured() {
  LoadResult result;
  for (int i = 1; i <= 990; ++i) result.tally.latencies.Record(std::chrono::milliseconds(i));
  result.tally.wrong = 2;
  result.tally.failed[14] = 7;
  result.tally.reasons[14] = "Socket closed\x1b[2J";
  result.tally.failed[4] = 3;
  result.tally.reasons[4] = "no answer";
  result.tally.sent = 1000;
  result.elapsed = 2s;
  result.processor_time = 20ms;
  result.calls = 2000;
  return result;
}

BenchSubject Closed() {
  BenchSubject subject{.server = "localhost:50052", .path = "/a.B/C", .options = {}};
  subject.options.connections = 2;
  subject.options.in_flight = 8;
  return subject;
}

TEST_CASE("the report in words") {
  CHECK(BenchText(Closed(), Measured()) ==
        "localhost:50052, plaintext, a.B/C\n"
        "closed loop: 2 connections, 8 calls in flight on each, 1 thread, 2 s after 1 s of warming up\n"
        "\n"
        "calls      990 answered, 2 wrong, 10 failed\n"
        "rate       495 calls a second\n"
        "latency\n"
        "  p50      497 ms\n"
        "  p90      893.4 ms\n"
        "  p99      981.5 ms\n"
        "  p99.9    990 ms\n"
        "  p99.99   990 ms\n"
        "  max      990 ms\n"
        "  mean     495.5 ms\n"
        "failed     3 DEADLINE_EXCEEDED: no answer\n"
        "failed     7 UNAVAILABLE: Socket closed?[2J\n"
        "processor  10 us a call, of this load generator\n");
}

TEST_CASE("an open loop tells what was not sent, batches count rows, and an interruption shows") {
  BenchSubject subject = Closed();
  subject.rows = 100;
  subject.options.rate = 600;
  subject.options.server.tls.emplace();
  LoadResult result = Measured();
  CHECK(RateWarning(subject, result).empty());
  result.not_sent = 200;
  result.sent_rate = 500;
  result.rate_held = false;
  result.interrupted = true;
  const std::string text = BenchText(subject, result);
  CHECK_THAT(text, ContainsSubstring("TLS, a.B/C of 100 rows\nopen loop, 600 calls a second: 2 connections, at most 8 "));
  CHECK_THAT(text, ContainsSubstring(" of warming up, interrupted\n"));
  CHECK_THAT(text, ContainsSubstring("10 failed, 200 not sent\n"));
  CHECK_THAT(text, ContainsSubstring("calls a second\n           49500 rows a second\n"));
  CHECK_THAT(RateWarning(subject, result), ContainsSubstring("of 600 calls a second 500 were sent"));
}

TEST_CASE("the report in JSON") {
  const nlohmann::ordered_json json = BenchJson(Closed(), Measured());
  CHECK(json["method"] == "a.B/C");
  CHECK(json["loop"] == "closed");
  CHECK(json["rate"].is_null());
  CHECK(json["rate_held"].is_null());
  CHECK(json["calls"]["answered"] == 990);
  CHECK(json["calls"]["failed"] == 10);
  CHECK(json["failures"]["UNAVAILABLE"]["count"] == 7);
  CHECK(json["failures"]["DEADLINE_EXCEEDED"]["reason"] == "no answer");
  CHECK(json["calls_per_second"] == 495.0);
  CHECK(json["latency_seconds"]["max"] == 0.99);
  CHECK(json["processor_seconds_per_call"] == 1e-5);
  BenchSubject open = Closed();
  open.options.rate = 600;
  CHECK(BenchJson(open, Measured())["rate_held"] == true);
}

TEST_CASE("a load of nothing divides by nothing") {
  const LoadResult nothing;
  CHECK(BenchJson(Closed(), nothing)["latency_seconds"].is_null());
  CHECK(BenchJson(Closed(), nothing)["calls_per_second"] == 0.0);
  CHECK_THAT(BenchText(Closed(), nothing), !ContainsSubstring("nan") && !ContainsSubstring("latency"));
}

TEST_CASE("bench refuses loads that make no sense") {
  CheckRefused({"bench", "--rate", "0"}, "--rate: found '0', expected calls a second from 0.001 to 10000000");
  CheckRefused({"bench", "--rate", "nan"}, "--rate: found 'nan', expected calls a second from 0.001 to 10000000");
  CheckRefused({"bench", "--connections", "0"}, "--connections: found '0', expected a whole number from 1 to 10000");
  CheckRefused({"bench", "--batch", "1000001"}, "--batch: found '1000001', expected a whole number from 1 to 1000000");
}

}  // namespace
}  // namespace iris
