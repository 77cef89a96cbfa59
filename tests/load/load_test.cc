// SPDX-License-Identifier: Apache-2.0
//
// Loads on a real server. What is counted is checked, never how quick it is.

#include "src/load/load.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>

#include "catch_amalgamated.hpp"
#include "tests/load/flowers.h"
#include "tests/serving/fixture.h"

namespace iris {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

LoadOptions To(const std::string& address) {
  LoadOptions options;
  options.server.host = "127.0.0.1";
  options.server.port = ParseListenAddress(address)->port;
  options.server.timeout = 20s;
  options.warm_up = 0ms;
  return options;
}

LoadResult Measure(const LoadOptions& options, Workload workload) {
  Result<std::unique_ptr<Load>> load = Load::Connect(options, std::move(workload));
  INFO((load ? "" : load.error().message));
  REQUIRE(load);
  REQUIRE((*load)->Start());
  while (!(*load)->done()) std::this_thread::sleep_for(1ms);
  return (*load)->Finish();
}

void CheckAllRight(const LoadResult& result) {
  CHECK(result.tally.wrong == 0);
  CHECK(result.tally.failures() == 0);
  CHECK(result.elapsed > 0ns);
  CHECK(result.processor_time > 0ns);
}

TEST_CASE("a closed loop makes as many calls as asked, from any number of threads and connections") {
  const Running running = Serve();
  LoadOptions options = To(running.address);
  options.connections = GENERATE(1u, 3u);
  options.in_flight = GENERATE(1u, 7u);
  options.threads = GENERATE(1u, 2u);
  options.calls = 500;
  const LoadResult result = Measure(options, Workload::Unary(ThreeFlowers()));
  CHECK(result.tally.answered() == 500);
  CHECK(result.tally.sent == 500);
  CHECK(result.calls == 500);
  CheckAllRight(result);
}

TEST_CASE("a closed loop lasts as long as asked, and warming up does not count") {
  const Running running = Serve();
  LoadOptions options = To(running.address);
  options.warm_up = 200ms;
  options.duration = 200ms;
  const LoadResult result = Measure(options, Workload::Unary(ThreeFlowers()));
  CHECK(result.elapsed >= 200ms);
  CHECK(result.tally.answered() > 0);
  CHECK(result.calls > result.tally.answered());
  CHECK_FALSE(result.interrupted);
  CheckAllRight(result);
}

TEST_CASE("batches are asked and checked row by row") {
  const Running running = Serve();
  LoadOptions options = To(running.address);
  options.calls = 20;
  const LoadResult result = Measure(options, Workload::Batched(ThreeFlowers(), GENERATE(1u, 10u, 5000u), "iris"));
  CHECK(result.tally.answered() == 20);
  CheckAllRight(result);
}

TEST_CASE("an open loop sends what is due, no sooner") {
  const Running running = Serve();
  LoadOptions options = To(running.address);
  options.connections = 2;
  options.in_flight = 50;
  options.threads = GENERATE(1u, 2u);
  options.rate = 200;
  options.calls = 60;
  const LoadResult result = Measure(options, Workload::Unary(ThreeFlowers()));
  CHECK(result.tally.answered() == 60);
  CHECK(result.not_sent == 0);
  CHECK(result.elapsed >= 290ms);
  CHECK(result.sent_rate <= 201);
  CheckAllRight(result);
}

// Takes connections and never says a word: what a hung server is.
struct Mute {
  Mute() : fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(listen(fd.get(), 8) == 0);
    REQUIRE(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
  }
  Descriptor fd;
  int port = 0;
};

TEST_CASE("a server that never answers is given up, with what to do") {
  const Mute mute;
  LoadOptions options;
  options.server = {.host = "127.0.0.1", .port = mute.port, .timeout = 300ms};
  const auto load = Load::Connect(options, Workload::Unary(ThreeFlowers()));
  REQUIRE_FALSE(load);
  CHECK(load.error().code == ErrorCode::kUnavailable);
  CHECK_THAT(load.error().message, ContainsSubstring("within 0.3 s"));
}

TEST_CASE("a server that answers otherwise than the model is found out before the load") {
  const Running running = Serve();
  Flowers flowers = ThreeFlowers();
  flowers.species[1] = 0;
  for (const bool batched : {false, true}) {
    const auto load = Load::Connect(To(running.address), batched ? Workload::Batched(flowers, 2, "iris")
                                                                  : Workload::Unary(flowers));
    REQUIRE_FALSE(load);
    CHECK(load.error().code == ErrorCode::kCheckFailed);
    CHECK_THAT(load.error().message, ContainsSubstring("flower 2 is 2 there and 0 here"));
  }
}

TEST_CASE("answers that change under the load are counted as wrong") {
  const Running running = Serve();
  LoadOptions options = To(running.address);
  options.duration = 20s;
  const auto load = Load::Connect(options, Workload::Unary(ThreeFlowers()));
  REQUIRE(load);
  REQUIRE((*load)->Start());
  while ((*load)->seen() < 10) std::this_thread::sleep_for(1ms);
  Model other = IrisModel();
  other.bias = {100, 0, 0};  // everything is a setosa
  running.server->SetModel(Served(std::move(other)));
  const std::uint64_t seen = (*load)->seen();
  while ((*load)->seen() < seen + 30) std::this_thread::sleep_for(1ms);
  (*load)->Stop();
  const LoadResult result = (*load)->Finish();
  CHECK(result.interrupted);
  CHECK(result.tally.wrong >= 15);  // two thirds of them, less what was on its way
  CHECK(result.tally.wrong < result.tally.answered());
  CHECK(result.tally.failures() == 0);
  CHECK(result.elapsed < 20s);
}

TEST_CASE("a server that goes away under the load is counted, by status, without being overrun") {
  Running running = Serve();
  LoadOptions options = To(running.address);
  options.connections = 2;
  options.duration = 20s;
  if (GENERATE(false, true)) options.rate = 100;
  options.in_flight = 4;
  const auto load = Load::Connect(options, Workload::Unary(ThreeFlowers()));
  REQUIRE(load);
  REQUIRE((*load)->Start());
  while ((*load)->seen() < 10) std::this_thread::sleep_for(1ms);
  running.server.reset();
  std::this_thread::sleep_for(500ms);
  (*load)->Stop();
  const LoadResult result = (*load)->Finish();
  constexpr std::size_t kUnavailable = 14;
  CHECK(result.tally.answered() >= 10);
  CHECK(result.tally.failed[kUnavailable] > 0);
  CHECK_FALSE(result.tally.reasons[kUnavailable].empty());
  // The 8 that were on their way when it went may have been cancelled by it.
  CHECK(result.tally.failures() - result.tally.failed[kUnavailable] <= 8);
  CHECK(result.tally.failures() < 2000);  // 8 places, 10 times a second each
}

TEST_CASE("a load that nobody waited for ends by itself") {
  const Running running = Serve();
  LoadOptions options = To(running.address);
  options.duration = 1h;
  if (GENERATE(false, true)) options.rate = 10;
  const auto begin = std::chrono::steady_clock::now();
  {
    const auto load = Load::Connect(options, Workload::Unary(ThreeFlowers()));
    REQUIRE(load);
    REQUIRE((*load)->Start());
  }
  CHECK(std::chrono::steady_clock::now() - begin < 1min);
}

}  // namespace
}  // namespace iris
