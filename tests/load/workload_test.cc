// SPDX-License-Identifier: Apache-2.0

#include "src/load/workload.h"

#include <cstring>

#include "catch_amalgamated.hpp"
#include "inference/inference.pb.h"
#include "iris.pb.h"
#include "tests/load/flowers.h"

namespace iris {
namespace {

Bytes LabelsAsBytes(const std::vector<std::int32_t>& labels, const char* datatype = "INT32") {
  inference::ModelInferResponse response;
  response.add_outputs()->set_datatype(datatype);
  response.add_raw_output_contents(std::string(reinterpret_cast<const char*>(labels.data()), labels.size() * 4));
  return Serialize(response);
}

TEST_CASE("a unary load asks about each flower") {
  const Workload workload = Workload::Unary(ThreeFlowers());
  CHECK(workload.path() == "/ml.IrisPredictor/PredictIrisSpecies");
  REQUIRE(workload.size() == 3);
  CHECK(workload.rows() == 1);
  for (std::size_t i = 0; i < 3; ++i) {
    ml::IrisPredictRequest request;
    REQUIRE(Parse(workload.question(i), request));
    CHECK(request.sepal_length() == ThreeFlowers().samples[i * 4]);
    CHECK(request.petal_width() == ThreeFlowers().samples[i * 4 + 3]);
    REQUIRE(workload.expected(i).size() == 1);
    CHECK(workload.expected(i)[0] == ThreeFlowers().species[i]);
    CHECK(workload.Flower(i, 0) == i);
  }
}

TEST_CASE("a batched load goes through the flowers again and again") {
  const Flowers flowers = ThreeFlowers();
  const Workload workload = Workload::Batched(flowers, 4, "iris");
  CHECK(workload.path() == "/inference.GRPCInferenceService/ModelInfer");
  REQUIRE(workload.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    inference::ModelInferRequest request;
    REQUIRE(Parse(workload.question(i), request));
    CHECK(request.model_name() == "iris");
    REQUIRE(request.inputs_size() == 1);
    CHECK(request.inputs(0).shape(0) == 4);
    CHECK(request.inputs(0).shape(1) == 4);
    REQUIRE(request.raw_input_contents_size() == 1);
    REQUIRE(request.raw_input_contents(0).size() == 4 * 4 * sizeof(double));
    for (std::size_t row = 0; row < 4; ++row) {
      const std::size_t flower = workload.Flower(i, row);
      CHECK(flower == (i * 4 + row) % 3);
      const double* const sample = flowers.samples.data() + flower * 4;
      CHECK(std::memcmp(request.raw_input_contents(0).data() + row * 32, sample, 32) == 0);
      CHECK(workload.expected(i)[row] == ThreeFlowers().species[flower]);
    }
  }
}

TEST_CASE("questions take a few MiB together, however long they are") {
  CHECK(Workload::Batched(ThreeFlowers(), 1, "iris").size() == 3);
  CHECK(Workload::Batched(ThreeFlowers(), 60'000, "iris").size() == 2);
  CHECK(Workload::Batched(ThreeFlowers(), 1'000'000, "iris").size() == 1);
}

TEST_CASE("answers are read in every form that they may have") {
  const Workload batched = Workload::Batched(ThreeFlowers(), 3, "iris");
  std::vector<std::int32_t> species = {9, 9};
  CHECK(batched.Read(LabelsAsBytes({0, 2, 1}), species));
  CHECK(species == std::vector<std::int32_t>{0, 2, 1});
  inference::ModelInferResponse typed;
  typed.add_outputs()->mutable_contents()->add_int_contents(2);
  CHECK(batched.Read(Serialize(typed), species));
  CHECK(species == std::vector<std::int32_t>{2});
  ml::IrisPredictReply reply;
  reply.set_species(1);
  const Workload unary = Workload::Unary(ThreeFlowers());
  CHECK(unary.Read(Serialize(reply), species));
  CHECK(species == std::vector<std::int32_t>{1});
  CHECK(unary.Read(Serialize(ml::IrisPredictReply()), species));  // no bytes: species 0
  CHECK(species == std::vector<std::int32_t>{0});
}

TEST_CASE("what is no answer is not read") {
  const Workload batched = Workload::Batched(ThreeFlowers(), 3, "iris");
  std::vector<std::int32_t> species;
  CHECK_FALSE(batched.Read(Bytes(), species));
  CHECK_FALSE(batched.Read(LabelsAsBytes({0, 2, 1}, "FP32"), species));
  CHECK_FALSE(batched.Read(Serialize(inference::ModelInferResponse()), species));
  inference::ModelInferResponse cut;
  cut.add_outputs()->set_datatype("INT32");
  cut.add_raw_output_contents("12345");
  CHECK_FALSE(batched.Read(Serialize(cut), species));
  CHECK_FALSE(Workload::Unary(ThreeFlowers()).Read(Bytes(), species));
}

}  // namespace
}  // namespace iris
