// SPDX-License-Identifier: Apache-2.0

#include "src/client/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>
#include <thread>

#include "catch_amalgamated.hpp"
#include "tests/serving/fixture.h"

namespace iris {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

int PortOf(const std::string& address) { return ParseListenAddress(address)->port; }

std::unique_ptr<Client> Connect(const std::string& host, int port, std::chrono::milliseconds timeout = 20s) {
  Result<std::unique_ptr<Client>> client = Client::Create({.host = host, .port = port, .timeout = timeout});
  REQUIRE(client);
  return *std::move(client);
}

// `count` flowers, of which every third is a virginica and the others are setosae.
std::vector<double> Flowers(std::size_t count) {
  std::vector<double> samples;
  for (std::size_t i = 0; i < count; ++i) {
    const bool virginica = i % 3 == 0;
    samples.insert(samples.end(), {6.0, 3.3, virginica ? 6.0 : 1.3, virginica ? 2.5 : 0.2});
  }
  return samples;
}

TEST_CASE("answers come in input order, however many samples there are") {
  const Running running = Serve();
  const auto client = Connect("127.0.0.1", PortOf(running.address));
  const std::size_t count = GENERATE(0u, 1u, 2u, 255u, 256u, 257u, 3000u);
  const auto species = client->PredictIris(Flowers(count));
  REQUIRE(species);
  REQUIRE(species->size() == count);
  for (std::size_t i = 0; i < count; ++i) CHECK((*species)[i] == (i % 3 == 0 ? 2 : 0));
}

TEST_CASE("every way to name the same server works") {
  std::string folder = (std::filesystem::temp_directory_path() / "iris-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()));
  std::vector<Listener> listeners;
  listeners.push_back(ListenOn({.host = "::", .port = 0, .unix_path = ""}));
  listeners.push_back(ListenOn({.host = "", .port = 0, .unix_path = folder + "/a %s"}));
  const std::string address = listeners[0].address();
  const auto server = StartServer(std::move(listeners));
  std::vector<std::string> hosts = {"127.0.0.1", "localhost", "LOCALHOST", "unix:" + folder + "/a %s"};
  if (address.starts_with("[")) hosts.insert(hosts.end(), {"::1", "[::1]"});
  for (const std::string& host : hosts) {
    CAPTURE(host);
    const auto client = Connect(host, PortOf(address));
    const auto species = client->PredictIris(Flowers(1));
    CAPTURE(species ? "" : species.error().message);
    REQUIRE(species);
    CHECK((*species)[0] == 2);
    CHECK(client->CheckHealth("") == true);
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("a sample that the server refuses is named, and the earliest of them wins") {
  const Running running = Serve();
  const auto client = Connect("127.0.0.1", PortOf(running.address));
  std::vector<double> samples = Flowers(1000);
  samples[4 * 700 + 1] = std::numeric_limits<double>::infinity();
  samples[4 * 650 + 2] = std::numeric_limits<double>::quiet_NaN();
  const auto species = client->PredictIris(samples);
  REQUIRE_FALSE(species);
  CAPTURE(species.error().message);
  CHECK(species.error() ==
        Error{ErrorCode::kInvalidArgument, "sample 651 of 1000: petal_length must be a finite number, got nan"});
  CHECK(client->PredictIris(Flowers(10)));  // the client is as good as new
}

TEST_CASE("a model that does not fit is reported once, without a sample's number") {
  const Running running = Serve(TwoFeatureModel());
  const auto species = Connect("127.0.0.1", PortOf(running.address))->PredictIris(Flowers(300));
  REQUIRE_FALSE(species);
  CHECK(species.error().code == ErrorCode::kFailedPrecondition);
  CHECK_THAT(species.error().message, StartsWith("the served model takes 2 features"));
}

TEST_CASE("numbers that are no whole samples are refused before anything is sent") {
  const auto species = Connect("127.0.0.1", 1)->PredictIris(std::vector<double>(7));
  REQUIRE_FALSE(species);
  CHECK(species.error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("health of the server, of the service, and of one that it does not have") {
  const Running running = Serve();
  const auto client = Connect("127.0.0.1", PortOf(running.address));
  CHECK(client->CheckHealth("") == true);
  CHECK(client->CheckHealth("ml.IrisPredictor") == true);
  const auto unknown = client->CheckHealth("ml.Nobody");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == ErrorCode::kConfiguration);
  CHECK_THAT(unknown.error().message, ContainsSubstring("has no service 'ml.Nobody'"));
}

TEST_CASE("where nobody listens the answer is quick and says what to do") {
  const std::string host = GENERATE("127.0.0.1", "localhost");
  const int port = PortOf(ListenOnLoopback().address());  // free again at once
  const auto client = Connect(host, port);
  const auto start = std::chrono::steady_clock::now();
  const auto species = client->PredictIris(Flowers(300));
  CHECK(std::chrono::steady_clock::now() - start < 10s);
  REQUIRE_FALSE(species);
  CHECK(species.error() == Error{ErrorCode::kUnavailable,
                                 "no server answers at " + host + ":" + std::to_string(port) +
                                     " (connection refused); start one with `iris-predictor serve`, or check --host "
                                     "and --port"});
  const auto health = client->CheckHealth("");
  REQUIRE_FALSE(health);
  CHECK(health.error().code == ErrorCode::kUnavailable);
}

TEST_CASE("a Unix socket that is not there is reported likewise") {
  const auto species = Connect("unix:/nonexistent/iris.sock", 0)->PredictIris(Flowers(1));
  REQUIRE_FALSE(species);
  CHECK(species.error().code == ErrorCode::kUnavailable);
  CHECK_THAT(species.error().message, StartsWith("no server answers at unix:/nonexistent/iris.sock ("));
}

TEST_CASE("a server that accepts and says nothing costs the timeout and no more") {
  const Listener silent = ListenOnLoopback();
  const auto start = std::chrono::steady_clock::now();
  const auto species = Connect("127.0.0.1", PortOf(silent.address()), 500ms)->PredictIris(Flowers(300));
  const auto took = std::chrono::steady_clock::now() - start;
  CHECK(took >= 490ms);
  CHECK(took < 20s);
  REQUIRE_FALSE(species);
  CHECK(species.error().code == ErrorCode::kUnavailable);
  CHECK_THAT(species.error().message, ContainsSubstring("within 0.5 s"));
}

TEST_CASE("a peer that does not speak gRPC is an error, not a hang") {
  const Listener listener = ListenOnLoopback();
  std::thread peer([&] {
    int fd = -1;
    for (int i = 0; i < 1000 && fd < 0; ++i) {
      fd = accept4(listener.fd(), nullptr, nullptr, 0);
      if (fd < 0) std::this_thread::sleep_for(5ms);
    }
    const std::string page = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    send(fd, page.data(), page.size(), MSG_NOSIGNAL);
    std::this_thread::sleep_for(50ms);
    close(fd);
  });
  const auto species = Connect("127.0.0.1", PortOf(listener.address()), 5s)->PredictIris(Flowers(1));
  peer.join();
  REQUIRE_FALSE(species);
  CHECK(species.error().code == ErrorCode::kUnavailable);
}

TEST_CASE("a timeout of nothing is refused") {
  const auto client = Client::Create({.host = "localhost", .port = 1, .timeout = 0ms});
  REQUIRE_FALSE(client);
  CHECK(client.error().code == ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace iris
