// SPDX-License-Identifier: Apache-2.0

#include "src/serving/described_files.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "catch_amalgamated.hpp"

namespace iris {

namespace embedded {
extern const char served_files[];
extern const std::size_t served_files_size;
}  // namespace embedded

namespace {

using Catch::Matchers::ContainsSubstring;

const std::string_view kServed(embedded::served_files, embedded::served_files_size);

// A length-delimited field.
std::string Field(int number, std::string_view bytes) {
  REQUIRE(bytes.size() < 128);
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + std::string(bytes);
}

TEST_CASE("what is served is described, with all that it imports") {
  const Result<DescribedFiles> files = DescribedFiles::Read(kServed);
  REQUIRE(files);
  for (const char* symbol :
       {"ml.IrisPredictor", "ml.IrisPredictor.PredictIrisSpecies", "ml.IrisPredictRequest.sepal_length",
        "inference.GRPCInferenceService", "iris.v1.PredictionService", "grpc.health.v1.Health",
        "grpc.health.v1.HealthCheckResponse.SERVING", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection", "grpc.reflection.v1.ServerReflectionRequest.message_request",
        "google.protobuf.Any", "google.rpc.BadRequest.FieldViolation"}) {
    CAPTURE(symbol);
    const DescribedFiles::File* const file = files->FindSymbol(symbol);
    REQUIRE(file != nullptr);
    CHECK(files->FindFile(file->name) == file);
    for (const std::string_view import : file->imports) CHECK(files->FindFile(import) != nullptr);
  }
  CHECK(files->FindSymbol("ml.IrisPredictor")->name == "iris.proto");
  CHECK(files->HasMessage("google.rpc.BadRequest.FieldViolation"));
  CHECK(!files->HasMessage("ml.IrisPredictor"));
  CHECK(files->HasPackage("grpc"));
  CHECK(files->HasPackage("grpc.health.v1"));
  CHECK(!files->HasPackage("grpc.heal"));
  CHECK(!files->HasPackage(""));
  CHECK(files->FindSymbol("grpc.health") == nullptr);
}

TEST_CASE("a file without a package defines names without one") {
  const std::string file = Field(1, "f.proto") + Field(4, Field(1, "M") + Field(3, Field(1, "N")));
  const std::string set = Field(1, file);
  const Result<DescribedFiles> files = DescribedFiles::Read(set);
  REQUIRE(files);
  CHECK(files->FindSymbol("M") != nullptr);
  CHECK(files->FindSymbol("M.N") == files->FindFile("f.proto"));
  CHECK(files->FindFile("f.proto")->bytes == file);
  CHECK(files->FindSymbol(".M") == nullptr);
}

TEST_CASE("what is cut short anywhere is refused, or describes whole files") {
  for (std::size_t size = 0; size < kServed.size(); ++size) {
    const Result<DescribedFiles> files = DescribedFiles::Read(kServed.substr(0, size));
    if (!files) CHECK(files.error().code == ErrorCode::kBadData);
  }
}

TEST_CASE("what is no set of files is refused") {
  for (const std::string& set : {std::string("\x0a"), std::string("\x0a\x05x"), std::string("\x0a\xff\xff\xff\xff\x7f"),
                                 std::string("\x07"), Field(1, "\x22\x05x"), Field(1, Field(4, Field(2, "\x0a\x09")))}) {
    const Result<DescribedFiles> files = DescribedFiles::Read(set);
    REQUIRE(!files);
    CHECK(files.error().code == ErrorCode::kBadData);
  }
  const std::string set = Field(1, Field(1, "f.proto") + Field(3, "g.proto"));
  const Result<DescribedFiles> files = DescribedFiles::Read(set);
  REQUIRE(!files);
  CHECK_THAT(files.error().message, ContainsSubstring("g.proto"));
}

}  // namespace
}  // namespace iris
