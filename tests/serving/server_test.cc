// SPDX-License-Identifier: Apache-2.0

#include "src/serving/server.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "catch_amalgamated.hpp"
#include "iris.grpc.pb.h"
#include "tests/serving/fixture.h"

namespace iris {
namespace {

struct Outcome {
  grpc::Status status;
  int species = -1;
};

Outcome Ask(const std::shared_ptr<grpc::Channel>& channel, double petal_length = 1.3) {
  const auto stub = ml::IrisPredictor::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  ml::IrisPredictRequest request;
  request.set_sepal_length(5.0);
  request.set_sepal_width(3.6);
  request.set_petal_length(petal_length);
  request.set_petal_width(0.25);
  ml::IrisPredictReply reply;
  Outcome outcome;
  outcome.status = stub->PredictIrisSpecies(&context, request, &reply);
  if (outcome.status.ok()) outcome.species = reply.species();
  return outcome;
}

TEST_CASE("a call over TCP is answered") {
  const Running running = Serve();
  const Outcome outcome = Ask(Dial(running.address));
  CAPTURE(outcome.status.error_message());
  CHECK(outcome.species == 0);
}

TEST_CASE("one server answers on several listeners, Unix sockets and IPv6 among them") {
  std::string folder = (std::filesystem::temp_directory_path() / "iris-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()));
  const std::string path = folder + "/s";
  std::vector<Listener> listeners;
  listeners.push_back(ListenOn({.host = "", .port = 0, .unix_path = path}));
  listeners.push_back(ListenOnLoopback());
  listeners.push_back(ListenOn({.host = "::", .port = 0, .unix_path = ""}));
  const std::string tcp = listeners[1].address();
  const std::string any = listeners[2].address();
  const auto server = StartServer(std::move(listeners));
  CHECK(Ask(Dial("unix:" + path)).species == 0);
  CHECK(Ask(Dial(tcp)).species == 0);
  CHECK(Ask(Dial("ipv4:127.0.0.1" + any.substr(any.rfind(':')))).species == 0);
  CHECK(server->Drain(std::chrono::seconds(10)));
  CHECK_FALSE(std::filesystem::exists(path));
  std::filesystem::remove_all(folder);
}

TEST_CASE("what a method refuses arrives as its status, and the server goes on") {
  const Running running = Serve();
  const auto channel = Dial(running.address);
  const Outcome refused = Ask(channel, std::numeric_limits<double>::quiet_NaN());
  CHECK(refused.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(refused.status.error_message() == "petal_length must be a finite number, got nan");
  CHECK(Ask(channel).species == 0);
}

TEST_CASE("a model that does not have four features gets FAILED_PRECONDITION") {
  const Running running = Serve(TwoFeatureModel());
  CHECK(Ask(Dial(running.address)).status.error_code() == grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_CASE("a method that is not there is UNIMPLEMENTED") {
  const Running running = Serve();
  RawStream stream(Dial(running.address), "/ml.IrisPredictor/Nothing");
  CHECK_FALSE(stream.Read());
  CHECK(stream.Finish().error_code() == grpc::StatusCode::UNIMPLEMENTED);
}

TEST_CASE("a message above 4 MiB is RESOURCE_EXHAUSTED, and the server goes on") {
  const Running running = Serve();
  const auto channel = Dial(running.address);
  RawStream stream(channel, "/ml.IrisPredictor/PredictIrisSpecies");
  stream.Write(std::string(5 << 20, '\0'));
  CHECK_FALSE(stream.Read());
  CHECK(stream.Finish().error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  CHECK(Ask(channel).species == 0);
}

TEST_CASE("bytes that are no message are INVALID_ARGUMENT, and the server goes on") {
  const std::string bytes = GENERATE(std::string("\x09\x01", 2),      // a double cut short
                                     std::string("\xff", 1),          // a tag cut short
                                     std::string("\x0a\x05xyz", 5));  // a length past the end
  const Running running = Serve();
  const auto channel = Dial(running.address);
  RawStream stream(channel, "/ml.IrisPredictor/PredictIrisSpecies");
  stream.Write(bytes);
  CHECK_FALSE(stream.Read());
  const grpc::Status status = stream.Finish();
  CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(status.error_message() ==
        "the bytes sent are not a ml.IrisPredictRequest message; call with stubs made from this service's .proto");
  CHECK(Ask(channel).species == 0);
}

TEST_CASE("a call that ends without its message is INVALID_ARGUMENT, and the server goes on") {
  const Running running = Serve();
  const auto channel = Dial(running.address);
  RawStream stream(channel, "/ml.IrisPredictor/PredictIrisSpecies");
  stream.WritesDone();
  CHECK_FALSE(stream.Read());
  CHECK(stream.Finish().error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(Ask(channel).species == 0);
}

TEST_CASE("many connections and threads at once all get their own answer") {
  const Running running = Serve();
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      const auto channel = Dial(running.address);
      for (int i = 0; i < 50; ++i) {
        const bool setosa = (i + t) % 2 == 0;
        if (Ask(channel, setosa ? 1.3 : 9.0).species != (setosa ? 0 : 2)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("servers live side by side in one process, and one after another on one port") {
  Running first = Serve();
  const Running second = Serve();
  CHECK(Ask(Dial(second.address)).species == 0);
  const std::string address = first.address;
  CHECK(Ask(Dial(address)).species == 0);
  CHECK(first.server->Drain(std::chrono::seconds(10)));
  first.server.reset();
  std::vector<Listener> again;
  again.push_back(ListenOn(*ParseListenAddress(address)));
  const auto third = StartServer(std::move(again));
  CHECK(Ask(Dial(address)).species == 0);
}

}  // namespace
}  // namespace iris
