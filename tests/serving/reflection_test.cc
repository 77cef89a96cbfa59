// SPDX-License-Identifier: Apache-2.0
//
// Reflection at a running server. What it answers: reflection_answers_test.cc.

#include "src/serving/reflection.h"

#include <google/protobuf/descriptor.pb.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "grpc/reflection/v1/reflection.pb.h"
#include "tests/serving/fixture.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;
using google::protobuf::FileDescriptorProto;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

const std::vector<std::string> kServices = {
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "inference.GRPCInferenceService",
    "iris.v1.PredictionService",
    "ml.IrisPredictor",
};

std::string Method(const std::string& version) {
  return "/grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo";
}

std::string ListServices() {
  ServerReflectionRequest request;
  request.set_list_services("");
  return request.SerializeAsString();
}

std::string FileContaining(const std::string& symbol) {
  ServerReflectionRequest request;
  request.set_file_containing_symbol(symbol);
  return request.SerializeAsString();
}

ServerReflectionResponse Read(RawStream& stream) {
  const std::optional<std::string> bytes = stream.Read();
  REQUIRE(bytes);
  ServerReflectionResponse response;
  REQUIRE(response.ParseFromString(*bytes));
  return response;
}

ServerReflectionResponse Ask(RawStream& stream, const std::string& request) {
  REQUIRE(stream.Write(request));
  return Read(stream);
}

// Whether `response` brings a file with a service of that full name, and that service methods.
bool Describes(const ServerReflectionResponse& response, const std::string& service) {
  for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
    FileDescriptorProto file;
    REQUIRE(file.ParseFromString(bytes));
    for (const auto& described : file.service()) {
      if (file.package() + "." + described.name() == service) return described.method_size() > 0;
    }
  }
  return false;
}

TEST_CASE("reflection lists every service, in either version, and describes what it lists") {
  const std::string version = GENERATE("v1", "v1alpha");
  CAPTURE(version);
  const Running running = Serve();
  RawStream stream(Dial(running.address), Method(version));
  const ServerReflectionResponse list = Ask(stream, ListServices());
  std::vector<std::string> listed;
  for (const auto& service : list.list_services_response().service()) listed.push_back(service.name());
  CHECK(listed == kServices);
  for (const std::string& service : listed) {
    CAPTURE(service);
    CHECK(Describes(Ask(stream, FileContaining(service)), service));
  }
  CHECK(stream.WritesDone());
  CHECK_FALSE(stream.Read());
  CHECK(stream.Finish().ok());
}

// A decoder of error details asks for it; no service's file imports it.
TEST_CASE("the type of an error's details is described") {
  const Running running = Serve();
  RawStream stream(Dial(running.address), Method("v1"));
  CHECK(Ask(stream, FileContaining("google.rpc.BadRequest")).has_file_descriptor_response());
}

TEST_CASE("what was sent on one reflection stream is sent again on another") {
  const Running running = Serve();
  const auto channel = Dial(running.address);
  RawStream first(channel, Method("v1"));
  RawStream second(channel, Method("v1alpha"));
  const std::string question = FileContaining("iris.v1.PredictionService");
  const int all = Ask(first, question).file_descriptor_response().file_descriptor_proto_size();
  CHECK(all > 1);
  CHECK(Ask(first, question).file_descriptor_response().file_descriptor_proto_size() == 1);
  CHECK(Ask(second, question).file_descriptor_response().file_descriptor_proto_size() == all);
}

TEST_CASE("questions that are sent together are answered in order") {
  const Running running = Serve();
  RawStream stream(Dial(running.address), Method("v1"));
  constexpr int kQuestions = 200;
  for (int i = 0; i < kQuestions; ++i) {
    REQUIRE(stream.Write(i % 2 == 0 ? ListServices() : FileContaining("no.such" + std::to_string(i))));
  }
  CHECK(stream.WritesDone());
  for (int i = 0; i < kQuestions; ++i) {
    CAPTURE(i);
    const ServerReflectionResponse response = Read(stream);
    CHECK(response.has_list_services_response() == (i % 2 == 0));
    if (i % 2 == 1) CHECK(response.original_request().file_containing_symbol() == "no.such" + std::to_string(i));
  }
  CHECK_FALSE(stream.Read());
  CHECK(stream.Finish().ok());
}

TEST_CASE("bytes that are no question end the stream and say what was expected") {
  const std::string version = GENERATE("v1", "v1alpha");
  const Running running = Serve();
  RawStream stream(Dial(running.address), Method(version));
  Ask(stream, ListServices());
  REQUIRE(stream.Write("\x0a\xff"));
  CHECK_FALSE(stream.Read());
  const grpc::Status status = stream.Finish();
  CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK_THAT(status.error_message(), ContainsSubstring("grpc.reflection." + version + ".ServerReflectionRequest"));
}

TEST_CASE("any number of reflection streams may be open; they take no thread, and predictions go on") {
  const Running running = Serve();
  const auto channel = Dial(running.address);
  std::vector<std::unique_ptr<RawStream>> streams;
  for (int i = 0; i < 64; ++i) {
    streams.push_back(std::make_unique<RawStream>(channel, Method(i % 2 == 0 ? "v1" : "v1alpha")));
    CHECK(Ask(*streams.back(), ListServices()).has_list_services_response());
  }
  RawStream prediction(channel, "/ml.IrisPredictor/PredictIrisSpecies");
  CHECK(prediction.Write(""));
  CHECK(prediction.WritesDone());
  CHECK(prediction.Read());
  CHECK(prediction.Finish().ok());
  for (const auto& stream : streams) {
    CHECK(Ask(*stream, ListServices()).has_list_services_response());
  }
}

TEST_CASE("each server decides about reflection for itself") {
  const std::string version = GENERATE("v1", "v1alpha");
  const Running without = Serve(IrisModel(), {.reflection = false});
  const Running with = Serve(IrisModel(), {.reflection = true});
  RawStream closed(Dial(without.address), Method(version));
  CHECK_FALSE(closed.Read());
  CHECK(closed.Finish().error_code() == grpc::StatusCode::UNIMPLEMENTED);
  RawStream open(Dial(with.address), Method(version));
  CHECK(Ask(open, ListServices()).has_list_services_response());
}

}  // namespace
}  // namespace iris
