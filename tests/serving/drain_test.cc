// SPDX-License-Identifier: Apache-2.0
//
// Who may hold up the end of a server, and how long: calls until their deadline, nobody else.

#include <sys/socket.h>

#include <chrono>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "catch_amalgamated.hpp"
#include "iris.grpc.pb.h"
#include "tests/serving/fixture.h"

namespace iris {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* kPredict = "/ml.IrisPredictor/PredictIrisSpecies";
constexpr const char* kWatch = "/grpc.health.v1.Health/Watch";
constexpr const char* kReflection = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
const std::string kListServices("\x3a\x00", 2);

// A prediction in flight: it was answered, but the client has room for five of the answer's seven bytes until it reads.
class UnreadPrediction {
 public:
  explicit UnreadPrediction(const std::string& address) : stream_(Dial(address, LittleRoom()), kPredict) {
    ml::IrisPredictRequest request;
    request.set_petal_length(6.0);
    request.set_petal_width(2.5);
    REQUIRE(stream_.Write(request.SerializeAsString()));
    REQUIRE(stream_.WritesDone());
    REQUIRE(stream_.ReadInitialMetadata());  // it is sent with the answer
  }

  /// Takes the answer; the class of a virginica when all is well.
  int Read() {
    const std::optional<std::string> bytes = stream_.Read();
    ml::IrisPredictReply reply;
    if (!bytes || !reply.ParseFromString(*bytes) || !stream_.Finish().ok()) return -1;
    return reply.species();
  }

 private:
  static grpc::ChannelArguments LittleRoom() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 5);
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    return arguments;
  }

  RawStream stream_;
};

// Connects and says `sent`, then never anything again: answers no ping, and never closes.
Descriptor SilentClient(const std::string& address, const std::string& sent) {
  Descriptor fd = NewSocket();
  REQUIRE(Connect(fd, address));
  REQUIRE(send(fd.get(), sent.data(), sent.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(sent.size()));
  return fd;
}

std::string Preface() { return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\4\0\0\0\0\0", 9); }

bool Accepts(const std::string& address) {
  return Dial(address)->WaitForConnected(std::chrono::system_clock::now() + 300ms);
}

struct Drained {
  bool finished;
  Clock::duration took;
};

Drained Drain(const Running& running, std::chrono::milliseconds deadline) {
  const Clock::time_point start = Clock::now();
  const bool finished = running.server->Drain(deadline);
  return {finished, Clock::now() - start};
}

TEST_CASE("without calls in flight a drain is over at once") {
  const Running running = Serve();
  const auto channel = Dial(running.address);
  REQUIRE(channel->WaitForConnected(std::chrono::system_clock::now() + 10s));
  const Drained drained = Drain(running, 60s);
  CHECK(drained.finished);
  CHECK(drained.took < 20s);
}

TEST_CASE("connections without a call are not waited for, and are no unfinished calls") {
  const std::string sent = GENERATE(std::string(), std::string("PRI * HT"), Preface());
  const Running running = Serve();
  const Descriptor client = SilentClient(running.address, sent);
  REQUIRE(Accepts(running.address));  // so that the one before was taken, too
  const Drained drained = Drain(running, 60s);
  CHECK(drained.finished);
  CHECK(drained.took < 20s);
}

TEST_CASE("reflection streams are not waited for") {
  const Running running = Serve();
  RawStream stream(Dial(running.address), kReflection);
  REQUIRE(stream.Write(kListServices));
  REQUIRE(stream.Read());
  const Drained drained = Drain(running, 60s);
  CHECK(drained.finished);
  CHECK(drained.took < 20s);
  CHECK_FALSE(stream.Read());
}

TEST_CASE("a call in flight finishes while new connections are refused; a silent client changes nothing") {
  const Running running = Serve();
  const Descriptor client = SilentClient(running.address, Preface());
  UnreadPrediction prediction(running.address);

  std::future<bool> drained = std::async(std::launch::async, [&] { return running.server->Drain(20s); });
  const Clock::time_point give_up = Clock::now() + 10s;
  while (Accepts(running.address) && Clock::now() < give_up) {
  }
  CHECK_FALSE(Accepts(running.address));
  CHECK(drained.wait_for(600ms) == std::future_status::timeout);

  CHECK(prediction.Read() == 2);
  CHECK(drained.wait_for(15s) == std::future_status::ready);
  CHECK(drained.get());
}

TEST_CASE("a call that does not finish in time is cancelled, and Drain says so") {
  const Running running = Serve();
  UnreadPrediction prediction(running.address);
  const Drained drained = Drain(running, 600ms);
  CHECK_FALSE(drained.finished);
  CHECK(drained.took >= 600ms);
  CHECK(drained.took < 20s);
  CHECK(prediction.Read() == -1);
}

TEST_CASE("calls of every kind and every end are over when they are over") {
  const bool reflection = GENERATE(true, false);
  const Running running = Serve(IrisModel(), {.reflection = reflection});
  const Descriptor client = SilentClient(running.address, Preface());  // so that the count alone ends the drain
  const auto channel = Dial(running.address);
  const std::vector<std::pair<std::string, std::string>> calls = {{kPredict, ""},
                                                                  {kPredict, "\xff"},
                                                                  {kPredict, std::string(5 << 20, '\0')},
                                                                  {"/grpc.health.v1.Health/Check", ""},
                                                                  {"/ml.IrisPredictor/Nothing", ""},
                                                                  {kReflection, kListServices}};
  for (const auto& [method, message] : calls) {
    RawStream stream(channel, method);
    stream.Write(message);
    stream.WritesDone();
    while (stream.Read()) {
    }
    stream.Finish();
  }
  { const UnreadPrediction cancelled(running.address); }
  {
    RawStream cancelled(channel, kWatch);
    cancelled.Write("");
    cancelled.WritesDone();
    cancelled.Read();
  }
  const Drained drained = Drain(running, 60s);
  CHECK(drained.finished);
  CHECK(drained.took < 20s);
}

TEST_CASE("draining twice, and destroying without draining, are fine") {
  Running running = Serve();
  CHECK(running.server->Drain(5s));
  CHECK(running.server->Drain(5s));
  running.server.reset();

  Running busy = Serve();
  UnreadPrediction prediction(busy.address);
  busy.server.reset();
  CHECK(prediction.Read() == -1);
}

}  // namespace
}  // namespace iris
