// SPDX-License-Identifier: Apache-2.0

#include "src/inference/metadata.h"

#include <string>
#include <vector>

#include "tests/inference/models.h"
#include "tests/inference/requests.h"

namespace iris {
namespace {

TEST_CASE("the server is alive, and ready while it serves") {
  CHECK(ServerLive().live());
  CHECK(ServerReady(true).ready());
  CHECK_FALSE(ServerReady(false).ready());
  const auto response = ServerMetadata("1.2.3");
  CHECK(response.name() == "iris-predictor");
  CHECK(response.version() == "1.2.3");
  CHECK(response.extensions().empty());
}

TEST_CASE("a model is ready by its name, with its version or without") {
  const ServedModel served = ServeTwoClasses();
  inference::ModelReadyRequest request;
  request.set_name("iris");
  REQUIRE(ModelReady(served, request, true));
  CHECK(ModelReady(served, request, true)->ready());
  CHECK_FALSE(ModelReady(served, request, false)->ready());
  request.set_version("1");
  CHECK(ModelReady(served, request, true));
}

TEST_CASE("another model or version is not found, whoever asks") {
  const ServedModel served = ServeTwoClasses();
  const auto [name, version, expected] = GENERATE(table<std::string, std::string, Error>({
      {"", "", {ErrorCode::kNotFound, "no model \"\" is served here; expected \"iris\"", {{"name", ""}}}},
      {"Iris", "", {ErrorCode::kNotFound, "no model \"Iris\" is served here; expected \"iris\"", {{"name", ""}}}},
      {"iris", "2",
       {ErrorCode::kNotFound, "no version \"2\" of model \"iris\" is served here; expected \"1\", or none for any",
        {{"version", ""}}}},
  }));
  Error with_description = expected;
  with_description.violations[0].description = expected.message;
  inference::ModelReadyRequest ready;
  ready.set_name(name);
  ready.set_version(version);
  const auto ready_response = ModelReady(served, ready, true);
  REQUIRE_FALSE(ready_response);
  CHECK(ready_response.error() == with_description);
  inference::ModelMetadataRequest metadata;
  metadata.set_name(name);
  metadata.set_version(version);
  const auto metadata_response = ModelMetadata(served, metadata);
  REQUIRE_FALSE(metadata_response);
  CHECK(metadata_response.error() == with_description);
}

TEST_CASE("metadata tells names, types and true shapes") {
  inference::ModelMetadataRequest request;
  request.set_name("iris");
  const auto response = ModelMetadata(ServeIris(), request);
  REQUIRE(response);
  CHECK(response->name() == "iris");
  CHECK(std::vector<std::string>(response->versions().begin(), response->versions().end()) ==
        std::vector<std::string>{"1"});
  CHECK(response->platform() == "iris-predictor_linear_svm");
  std::vector<std::string> tensors;
  const auto list = [&](const auto& tensor) {
    std::string text = tensor.name() + " " + tensor.datatype();
    for (const std::int64_t size : Shape(tensor)) text += " " + std::to_string(size);
    tensors.push_back(text);
  };
  for (const auto& tensor : response->inputs()) list(tensor);
  for (const auto& tensor : response->outputs()) list(tensor);
  CHECK(tensors == std::vector<std::string>{"input-0 FP64 -1 4", "label INT32 -1", "class BYTES -1",
                                            "decision FP64 -1 3", "contribution FP64 -1 3 4"});
}

}  // namespace
}  // namespace iris
