// SPDX-License-Identifier: Apache-2.0
//
// Spoken as raw protobuf, since the stubs are not installed with gRPC. ServerReflectionRequest: field 4
// file_containing_symbol, field 7 list_services.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catch_amalgamated.hpp"
#include "tests/serving/fixture.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr const char* kMethod = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
const std::string kListServices("\x3a\x00", 2);

std::string FileContaining(const std::string& symbol) {
  return "\x22" + std::string(1, static_cast<char>(symbol.size())) + symbol;
}

TEST_CASE("reflection lists every service and hands out their files") {
  const Running running = Serve();
  RawStream stream(Dial(running.address), kMethod);
  REQUIRE(stream.Write(kListServices));
  const std::optional<std::string> list = stream.Read();
  REQUIRE(list);
  CHECK_THAT(*list, ContainsSubstring("ml.IrisPredictor") && ContainsSubstring("grpc.health.v1.Health") &&
                        ContainsSubstring("grpc.reflection.v1alpha.ServerReflection"));

  const std::vector<std::pair<std::string, std::string>> files = {
      {"ml.IrisPredictor", "PredictIrisSpecies"},
      {"grpc.health.v1.Health", "SERVICE_UNKNOWN"},
      {"grpc.reflection.v1alpha.ServerReflection", "ServerReflectionInfo"}};
  for (const auto& [symbol, content] : files) {
    CAPTURE(symbol);
    REQUIRE(stream.Write(FileContaining(symbol)));
    const std::optional<std::string> file = stream.Read();
    REQUIRE(file);
    CHECK_THAT(*file, ContainsSubstring(content));
  }
  CHECK(stream.WritesDone());
  CHECK(stream.Finish().ok());
}

TEST_CASE("reflection streams cannot take more threads than it was given, and predictions go on meanwhile") {
  const Running running = Serve();
  const auto channel = Dial(running.address);
  std::vector<std::unique_ptr<RawStream>> streams;
  int answered = 0;
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    streams.push_back(std::make_unique<RawStream>(channel, kMethod));
    streams.back()->Write(kListServices);
    if (streams.back()->Read()) {
      ++answered;
    } else if (streams.back()->Finish().error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
      ++refused;
    }
  }
  CHECK(answered >= 4);
  CHECK(answered <= 8);
  CHECK(refused == 20 - answered);

  RawStream prediction(channel, "/ml.IrisPredictor/PredictIrisSpecies");
  CHECK(prediction.Write(""));
  CHECK(prediction.WritesDone());
  CHECK(prediction.Read());
  CHECK(prediction.Finish().ok());
}

TEST_CASE("each server decides about reflection for itself") {
  const Running without = Serve(IrisModel(), {.reflection = false});
  const Running with = Serve(IrisModel(), {.reflection = true});
  RawStream closed(Dial(without.address), kMethod);
  CHECK_FALSE(closed.Read());
  CHECK(closed.Finish().error_code() == grpc::StatusCode::UNIMPLEMENTED);
  RawStream open(Dial(with.address), kMethod);
  REQUIRE(open.Write(kListServices));
  CHECK(open.Read());
}

}  // namespace
}  // namespace iris
