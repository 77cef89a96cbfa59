// SPDX-License-Identifier: Apache-2.0
//
// Streams and long calls, as a client sees them: order, flow control, and work that stops when nobody waits.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>

#include "catch_amalgamated.hpp"
#include "inference/inference.pb.h"
#include "iris/v1/prediction.pb.h"
#include "src/rpc/call_observer.h"
#include "src/rpc/long_message.h"
#include "tests/serving/fixture.h"

namespace iris {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using iris::v1::StreamPredictRequest;
using iris::v1::StreamPredictResponse;

constexpr const char* kStream = "/iris.v1.PredictionService/StreamPredict";
constexpr const char* kInfer = "/inference.GRPCInferenceService/ModelInfer";

std::string Flower(const std::string& id, double petal_length) {
  StreamPredictRequest request;
  request.set_id(id);
  for (const double x : {5.0, 3.6, petal_length, 0.25}) request.add_features(x);
  return request.SerializeAsString();
}

StreamPredictResponse Next(RawStream& stream) {
  const std::optional<std::string> bytes = stream.Read();
  REQUIRE(bytes);
  StreamPredictResponse response;
  REQUIRE(response.ParseFromString(*bytes));
  return response;
}

TEST_CASE("every message of a feed is answered in order, a bad one in its place") {
  const Running running = Serve();
  RawStream stream(Dial(running.address), kStream);
  for (int i = 0; i < 20; ++i) REQUIRE(stream.Write(i == 7 ? "" : Flower(std::to_string(i), i % 2 == 0 ? 1.3 : 9.0)));
  REQUIRE(stream.WritesDone());
  for (int i = 0; i < 20; ++i) {
    const StreamPredictResponse response = Next(stream);
    if (i == 7) {
      CHECK(response.prediction().labels_size() == 0);
      continue;
    }
    CHECK(response.id() == std::to_string(i));
    REQUIRE(response.prediction().labels_size() == 1);
    CHECK(response.prediction().labels(0) == (i % 2 == 0 ? 0 : 2));
  }
  CHECK_FALSE(stream.Read());
  CHECK(stream.Finish().ok());
}

TEST_CASE("bytes that are no message end a feed with INVALID_ARGUMENT") {
  const Running running = Serve();
  RawStream stream(Dial(running.address), kStream);
  REQUIRE(stream.Write(Flower("a", 1.3)));
  CHECK(Next(stream).id() == "a");
  REQUIRE(stream.Write("\xff"));
  CHECK_FALSE(stream.Read());
  CHECK(stream.Finish().error_code() == grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("an open feed holds up a drain until its deadline, and is told with GOAWAY that it should end") {
  const Running running = Serve();
  RawStream stream(Dial(running.address), kStream);
  REQUIRE(stream.Write(Flower("a", 1.3)));
  CHECK(Next(stream).id() == "a");
  const Clock::time_point start = Clock::now();
  CHECK_FALSE(running.server->Drain(600ms));
  CHECK(Clock::now() - start >= 600ms);
  CHECK_FALSE(stream.Read());
}

inference::ModelInferRequest Batch(std::size_t rows) {
  inference::ModelInferRequest request;
  request.set_model_name("iris");
  auto& input = *request.add_inputs();
  input.set_name("input-0");
  input.set_datatype("FP32");
  input.add_shape(static_cast<std::int64_t>(rows));
  input.add_shape(4);
  request.add_raw_input_contents(std::string(rows * 4 * sizeof(float), '\0'));
  return request;
}

TEST_CASE("a batch that goes to a worker is answered like any other") {
  const Running running = Serve();
  constexpr std::size_t kRows = 60'000;  // 960,000 bytes
  RawStream stream(Dial(running.address), kInfer);
  REQUIRE(stream.Write(Batch(kRows).SerializeAsString()));
  REQUIRE(stream.WritesDone());
  const std::optional<std::string> bytes = stream.Read();
  REQUIRE(bytes);
  inference::ModelInferResponse response;
  REQUIRE(response.ParseFromString(*bytes));
  CHECK(stream.Finish().ok());
  REQUIRE(response.raw_output_contents_size() == 1);
  std::string expected;  // of flowers that measure nothing: class 1 has the largest bias
  for (std::size_t i = 0; i < kRows; ++i) expected += std::string("\1\0\0\0", 4);
  CHECK(response.raw_output_contents(0) == expected);
}

// A model that takes its time.
Model SlowModel(std::size_t classes) {
  Model model;
  for (std::size_t c = 0; c < classes; ++c) model.class_names.push_back("c" + std::to_string(c));
  model.feature_names = {"a", "b", "c", "d"};
  model.weights.assign(classes * 4, 0.5);
  model.bias.assign(classes, 0.0);
  return model;
}

// Of zeros; the fewest that are long, with a model of few classes.
constexpr int kLongRows = static_cast<int>(kLongMessage / (4 * sizeof(double)));

std::string LongFlowers(const std::string& id, std::size_t rows) {
  StreamPredictRequest request;
  request.set_id(id);
  request.mutable_features()->Resize(static_cast<int>(rows * 4), 0.0);
  return request.SerializeAsString();
}

TEST_CASE("messages of a feed long and short are answered in order, whichever thread does it") {
  const Running running = Serve();
  RawStream stream(Dial(running.address), kStream);
  for (int i = 0; i < 12; ++i) {
    const std::string id = std::to_string(i);
    const int rows = i % 3 == 0 ? 1 : i % 3 == 1 ? kLongRows : 30'000;  // the last two go to a worker
    REQUIRE(stream.Write(rows == 1 ? Flower(id, 1.3) : LongFlowers(id, static_cast<std::size_t>(rows))));
    const StreamPredictResponse response = Next(stream);
    CHECK(response.id() == id);
    REQUIRE(response.prediction().labels_size() == rows);
    CHECK(response.prediction().labels(0) == (rows == 1 ? 0 : 1));  // class 1 has the largest bias
  }
  REQUIRE(stream.Write(std::string(kLongMessage, '\xff')));
  CHECK_FALSE(stream.Read());
  CHECK(stream.Finish().error_code() == grpc::StatusCode::INVALID_ARGUMENT);
}

// Counts the messages that have come in, from the server's side.
class Arrivals final : public CallObserver {
 public:
  void Started(const ObservedMethod&, std::size_t) override {}
  void Received(const ObservedMethod&, std::size_t) override { ++count_; }
  void Sent(const ObservedMethod&, std::size_t) override { ++answered_; }
  void Finished(const CallRecord&) override {}

  void WaitFor(int count) const {
    while (count_ < count) std::this_thread::sleep_for(5ms);
  }

  int answered() const { return answered_; }

 private:
  std::atomic<int> count_ = 0;
  std::atomic<int> answered_ = 0;
};

TEST_CASE("a feed's long message that finds too many waiting for a worker is answered all the same") {
  Arrivals arrivals;
  ServerOptions options;
  options.threads = 1;
  options.limits.max_message_bytes = std::size_t{128} << 20;
  options.observers = {&arrivals};
  const Running running = Serve(SlowModel(4'000), options);
  RawStream under_way(Dial(running.address), kStream);
  REQUIRE(under_way.Write(LongFlowers("under way", 2'000'000)));  // 64 MB, seconds of work
  arrivals.WaitFor(1);
  RawStream waits(Dial(running.address), kStream);
  REQUIRE(waits.Write(LongFlowers("waits", 1'100'000)));  // 35 MB: as many bytes as may wait for one worker, and more
  arrivals.WaitFor(2);
  RawStream beyond(Dial(running.address), kStream);
  REQUIRE(beyond.Write(LongFlowers("beyond", kLongRows)));
  const StreamPredictResponse response = Next(beyond);
  CHECK(arrivals.answered() < 3);  // and not last, as it would be if it waited, too
  CHECK(response.id() == "beyond");
  CHECK(response.prediction().labels_size() == kLongRows);
  REQUIRE(beyond.WritesDone());
  CHECK_FALSE(beyond.Read());
  CHECK(beyond.Finish().ok());
}

TEST_CASE("a short call is answered, and a caller that hangs up is heard, while a feed's long message is worked on") {
  ServerOptions options;
  options.threads = 1;
  options.limits.max_message_bytes = std::size_t{128} << 20;
  const Running running = Serve(SlowModel(16'000), options);
  const std::string message = LongFlowers("long", 2'000'000);  // 64 MB; at least ten seconds of work
  {
    RawStream stream(Dial(running.address), kStream);
    REQUIRE(stream.Write(message));
    std::this_thread::sleep_for(300ms);  // and now it is under way
    const std::chrono::milliseconds before = ProcessorTime();
    RawStream other(Dial(running.address), "/ml.IrisPredictor/PredictIrisSpecies");
    REQUIRE(other.Write(""));
    REQUIRE(other.WritesDone());
    CHECK(other.Read());
    CHECK(other.Finish().ok());
    CHECK(ProcessorTime() - before < 3s);
  }
  const std::chrono::milliseconds before = ProcessorTime();
  CHECK(running.server->Drain(60s));  // once no call is in flight
  CHECK(ProcessorTime() - before < 3s);
}

TEST_CASE("work stops when the caller hangs up, or when its deadline has passed") {
  ServerOptions options;
  options.limits.max_message_bytes = std::size_t{256} << 20;
  const Running running = Serve(SlowModel(4'000), options);
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, -1);
  const auto channel = Dial(running.address, arguments);
  const std::string batch = Batch(8'000'000).SerializeAsString();  // 128 MB; at least ten seconds of work
  {
    RawStream cancelled(channel, kInfer);
    REQUIRE(cancelled.Write(batch));
    REQUIRE(cancelled.WritesDone());
    std::this_thread::sleep_for(300ms);  // and now it is under way
  }
  const std::chrono::milliseconds before = ProcessorTime();
  CHECK(running.server->Drain(60s));  // once no call is in flight
  CHECK(ProcessorTime() - before < 3s);
}

}  // namespace
}  // namespace iris
