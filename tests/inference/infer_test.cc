// SPDX-License-Identifier: Apache-2.0

#include "src/inference/infer.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tests/inference/models.h"
#include "tests/inference/requests.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;
using Labels = std::vector<std::int32_t>;

// Every type with raw and typed contents.
struct Encoding {
  std::string datatype;
  bool raw;
};

std::vector<Encoding> AllEncodings() {
  std::vector<Encoding> all;
  for (const char* type : {"FP64", "FP32", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"}) {
    all.push_back({type, false});
    all.push_back({type, true});
  }
  return all;
}

ModelInferRequest Ask(ModelInferRequest request, std::initializer_list<const char*> outputs) {
  for (const char* name : outputs) request.add_outputs()->set_name(name);
  return request;
}

TEST_CASE("the published Iris request to KServe is answered [1,1]") {
  const std::array values = {6.8, 2.8, 4.8, 1.4, 6.0, 3.4, 4.5, 1.6};
  const bool raw = GENERATE(false, true);
  const auto response = Infer(ServeIris(), Request("FP32", {2, 4}, values, raw), {});
  REQUIRE(response);
  REQUIRE(response->outputs_size() == 1);
  CHECK(response->outputs(0).name() == "label");
  CHECK(response->outputs(0).datatype() == "INT32");
  CHECK(Shape(response->outputs(0)) == std::vector<std::int64_t>{2});
  CHECK(Numbers<std::int32_t>(*response, 0) == Labels{1, 1});
  CHECK(response->outputs(0).has_contents() == !raw);
  CHECK(response->raw_output_contents_size() == (raw ? 1 : 0));
}

TEST_CASE("all 150 flowers by every type and encoding") {
  const ServedModel served = ServeIris();
  const Dataset flowers = LoadIris();
  const DenseMatrix measurements = Flowers();
  const auto encoding = GENERATE(from_range(AllEncodings()));
  INFO(encoding.datatype << (encoding.raw ? " raw" : " typed"));
  // Integers in units of 1 mm, which are whole numbers; FP32 as it rounds: what the server gets is what is to be right.
  std::vector<double> values = measurements.values;
  const bool fp64 = encoding.datatype == "FP64";
  for (double& value : values) {
    if (encoding.datatype == "FP32") value = static_cast<double>(static_cast<float>(value));
    if (!encoding.datatype.starts_with("FP")) value = std::round(value * 10);
  }
  Labels labels;
  std::vector<double> decisions(150 * 3);
  int right = 0;
  for (std::size_t i = 0; i < 150; ++i) {
    const std::span row(values.data() + i * 4, 4);
    labels.push_back(Predict(*served.model, row));
    DecisionValues(*served.model, row, {decisions.data() + i * 3, 3});
    right += labels[i] == flowers.labels[i];
  }
  if (encoding.datatype.starts_with("FP")) CHECK(right == 145);
  const auto response = Infer(
      served, Ask(Request(encoding.datatype, {150, 4}, values, encoding.raw), {"decision", "label", "class"}), {});
  REQUIRE(response);
  CHECK(Numbers<double>(*response, 0) == decisions);  // the same bits
  CHECK(Numbers<std::int32_t>(*response, 1) == labels);
  const std::vector<std::string> names = Names(*response, 2);
  REQUIRE(names.size() == 150);
  for (std::size_t i = 0; i < 150; ++i) {
    CHECK(names[i] == served.model->class_names[static_cast<std::size_t>(labels[i])]);
  }
  // One flower at a time, as a vector.
  for (std::size_t i = 0; fp64 && i < 150; ++i) {
    const auto one = Infer(served, Request("FP64", {4}, measurements.row(i), encoding.raw), {});
    REQUIRE(one);
    CHECK(Shape(one->outputs(0)) == std::vector<std::int64_t>{1});
    CHECK(Numbers<std::int32_t>(*one, 0) == Labels{labels[i]});
  }
}

TEST_CASE("all outputs at once, in the order asked for, exact") {
  const bool raw = GENERATE(false, true);
  const std::array values = {3.0, 1.0, -4.0, 0.25};  // decisions 2.5 and -3.75
  const auto response = Infer(
      ServeTwoClasses(),
      Ask(Request("FP64", {2, 2}, values, raw), {"contribution", "class", "decision", "label"}), {});
  REQUIRE(response);
  REQUIRE(response->outputs_size() == 4);
  CHECK(Shape(response->outputs(0)) == std::vector<std::int64_t>{2, 2, 2});
  CHECK(Numbers<double>(*response, 0) == std::vector{-3.0, 1.0, 3.0, -1.0, 4.0, 0.25, -4.0, -0.25});
  CHECK(response->outputs(0).parameters_size() == 2);
  CHECK(response->outputs(0).parameters().at("bias[0]").double_param() == -0.5);
  CHECK(response->outputs(0).parameters().at("bias[1]").double_param() == 0.5);
  CHECK(Shape(response->outputs(1)) == std::vector<std::int64_t>{2});
  CHECK(response->outputs(1).datatype() == "BYTES");
  CHECK(Names(*response, 1) == std::vector<std::string>{"maybe", "no"});
  CHECK(Shape(response->outputs(2)) == std::vector<std::int64_t>{2, 2});
  CHECK(Numbers<double>(*response, 2) == std::vector{-2.5, 2.5, 3.75, -3.75});
  CHECK(Numbers<std::int32_t>(*response, 3) == Labels{1, 0});
  CHECK(response->raw_output_contents_size() == (raw ? 4 : 0));
  for (const auto& output : response->outputs()) CHECK(output.has_contents() == !raw);
}

TEST_CASE("raw class names are length, then bytes") {
  const auto response =
      Infer(ServeTwoClasses(), Ask(Request("UINT8", {2, 2}, std::array{3.0, 1.0, 0.0, 9.0}, true), {"class"}), {});
  REQUIRE(response);
  CHECK(response->raw_output_contents(0) == std::string("\5\0\0\0maybe\2\0\0\0no", 15));
}

TEST_CASE("the id comes back, with the model's name and version; parameters change nothing") {
  ModelInferRequest request = Request("INT32", {1, 2}, std::array{3.0, 1.0});
  const auto plain = Infer(ServeTwoClasses(), request, {});
  REQUIRE(plain);
  CHECK(plain->id().empty());
  request.set_id("feed 7/ü");
  request.set_model_version("1");
  (*request.mutable_parameters())["sequence_id"].set_int64_param(7);
  (*request.mutable_inputs(0)->mutable_parameters())["content_type"].set_string_param("np");
  request.add_outputs()->set_name("label");
  (*request.mutable_outputs(0)->mutable_parameters())["classification"].set_int64_param(3);
  auto response = Infer(ServeTwoClasses(), request, {});
  REQUIRE(response);
  CHECK(response->id() == "feed 7/ü");
  CHECK(response->model_name() == "iris");
  CHECK(response->model_version() == "1");
  response->clear_id();
  CHECK(response->SerializeAsString() == plain->SerializeAsString());
}

TEST_CASE("the input may be called predict") {
  ModelInferRequest request = Request("FP64", {2}, std::array{3.0, 1.0});
  request.mutable_inputs(0)->set_name("predict");
  CHECK(Infer(ServeTwoClasses(), request, {}));
}

TEST_CASE("no rows give no values, with true shapes") {
  const bool raw = GENERATE(false, true);
  const auto response = Infer(
      ServeIris(), Ask(Request("FP64", {0, 4}, {}, raw), {"label", "class", "decision", "contribution"}), {});
  REQUIRE(response);
  CHECK(Shape(response->outputs(0)) == std::vector<std::int64_t>{0});
  CHECK(Shape(response->outputs(1)) == std::vector<std::int64_t>{0});
  CHECK(Shape(response->outputs(2)) == std::vector<std::int64_t>{0, 3});
  CHECK(Shape(response->outputs(3)) == std::vector<std::int64_t>{0, 3, 4});
  for (int i = 0; i < 4; ++i) CHECK(Numbers<double>(*response, i).empty());
  CHECK(response->raw_output_contents_size() == (raw ? 4 : 0));
}

TEST_CASE("no contents at all are no rows") {
  ModelInferRequest request = Request("FP64", {0, 4}, {});
  request.mutable_inputs(0)->clear_contents();
  CHECK(Infer(ServeIris(), request, {}));
}

TEST_CASE("batches longer than a block are whole and in order") {
  const ServedModel served = ServeIris();
  const DenseMatrix flowers = Flowers();
  for (const std::size_t rows : {511u, 512u, 513u, 5000u}) {
    std::vector<double> values;
    Labels labels;
    for (std::size_t i = 0; i < rows; ++i) {
      const std::span<const double> row = flowers.row(i * 7 % 150);
      values.insert(values.end(), row.begin(), row.end());
      labels.push_back(Predict(*served.model, row));
    }
    const auto response = Infer(served, Request("FP64", {static_cast<std::int64_t>(rows), 4}, values, true), {});
    REQUIRE(response);
    CHECK(Numbers<std::int32_t>(*response, 0) == labels);
    values[4 * (rows - 1)] = std::numeric_limits<double>::quiet_NaN();  // seen in the last block as well
    const auto refused = Infer(served, Request("FP64", {static_cast<std::int64_t>(rows), 4}, values), {});
    REQUIRE_FALSE(refused);
    const std::string element = std::to_string(4 * (rows - 1));
    CHECK(refused.error().violations[0].field == "inputs[0].contents.fp64_contents[" + element + "]");
    CHECK_THAT(refused.error().message,
               ContainsSubstring("value " + element + " (row " + std::to_string(rows - 1) + ","));
  }
}

TEST_CASE("a model with more features than a block holds is served row by row") {
  constexpr std::size_t kFeatures = 5000;
  Model model;
  model.class_names = {"a", "b", "c"};
  model.feature_names.assign(kFeatures, "x");
  model.weights.assign(3 * kFeatures, 0.0);
  model.weights[kFeatures - 1] = 1;          // class 0: the last feature
  model.weights[kFeatures] = 1;              // class 1: the first
  model.bias = {0, 0, 1.5};
  std::vector<double> values(3 * kFeatures);
  values[kFeatures - 1] = 2;
  values[kFeatures] = 2;
  const auto response = Infer(Serve(std::move(model)), Request("INT8", {3, 5000}, values, true), {});
  REQUIRE(response);
  CHECK(Numbers<std::int32_t>(*response, 0) == Labels{0, 1, 2});
}

TEST_CASE("work stops soon after nobody waits any more") {
  const std::vector<double> values(4 * 100'000, 1.0);
  const ModelInferRequest request = Request("FP64", {100'000, 4}, values, true);
  int asked = 0;
  const auto response = Infer(ServeIris(), request, {.abandoned = [&] { return ++asked == 3; }});
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::kCancelled);
  CHECK_THAT(response.error().message, ContainsSubstring("after 1024 of 100000 rows"));
  CHECK(asked == 3);
}

TEST_CASE("a reply beyond the limit is refused before any work, and tells what it would have taken") {
  const std::vector<double> values(4 * 1000, 1.0);
  const bool raw = GENERATE(false, true);
  int asked = 0;
  const AnswerLimits limits = {.reply_bytes = 95'999, .abandoned = [&] { return ++asked < 0; }};
  const ModelInferRequest request = Ask(Request("FP64", {1000, 4}, values, raw), {"contribution"});
  const auto response = Infer(ServeIris(), request, limits);
  REQUIRE_FALSE(response);
  CHECK(response.error() == Error{ErrorCode::kTooLarge,
                                  "the reply would take at least 96000 bytes, more than the limit of 95999; send fewer "
                                  "rows at a time or ask for fewer outputs",
                                  {}});
  CHECK(asked == 0);
}

TEST_CASE("a reply is let through up to the very byte") {
  const bool raw = GENERATE(false, true);
  ModelInferRequest request = Ask(Request("FP64", {2, 2}, std::array{3.0, 1.0, 0.0, 9.0}, raw),
                                  {"label", "class", "decision", "contribution"});
  request.set_id(std::string(300, 'x'));
  const ServedModel served = ServeTwoClasses();
  const auto response = Infer(served, request, {});
  REQUIRE(response);
  const std::size_t bytes = response->SerializeAsString().size();
  CHECK(Infer(served, request, {.reply_bytes = bytes}));
  const auto refused = Infer(served, request, {.reply_bytes = bytes - 1});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kTooLarge);
  CHECK_THAT(refused.error().message, ContainsSubstring("would take " + std::to_string(bytes) + " bytes"));
}

TEST_CASE("finite input that overflows is answered, never refused") {
  const double huge = std::numeric_limits<double>::max();
  const auto response =
      Infer(ServeIris(), Ask(Request("FP64", {4}, std::array{huge, huge, huge, huge}), {"label", "decision"}), {});
  REQUIRE(response);
  CHECK_FALSE(std::isfinite(Numbers<double>(*response, 1)[2]));
}

}  // namespace
}  // namespace iris
