// SPDX-License-Identifier: Apache-2.0
//
// Every way in which a ModelInfer request can be malformed, with the exact refusal. All are variations of one request
// that is answered: two rows of two FP64 features.

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "src/inference/infer.h"
#include "tests/inference/models.h"
#include "tests/inference/requests.h"

namespace iris {
namespace {

using Input = ModelInferRequest::InferInputTensor;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// What is wrong, and what is said of it.
struct Refusal {
  std::function<void(ModelInferRequest&)> spoil;
  std::string subject;  // what the message begins with, before the description
  std::string path;
  std::string description;
  ErrorCode code = ErrorCode::kInvalidArgument;
};

const std::string kTensor = "tensor \"input-0\": ";

ModelInferRequest Good(bool raw = false) { return Request("FP64", {2, 2}, std::array{1.0, 2.0, 3.0, 4.0}, raw); }

void SetShape(ModelInferRequest& request, std::initializer_list<std::int64_t> shape) {
  Input& tensor = *request.mutable_inputs(0);
  tensor.clear_shape();
  for (const std::int64_t size : shape) tensor.add_shape(size);
}

void SetType(ModelInferRequest& request, const std::string& datatype) {
  request.mutable_inputs(0)->set_datatype(datatype);
}

// The same shape with other typed contents.
inference::InferTensorContents& Typed(ModelInferRequest& request, const std::string& datatype) {
  SetType(request, datatype);
  request.mutable_inputs(0)->clear_contents();
  return *request.mutable_inputs(0)->mutable_contents();
}

void CheckRefused(const Refusal& refusal, ModelInferRequest request) {
  refusal.spoil(request);
  CAPTURE(refusal.path, refusal.description);
  const auto response = Infer(ServeTwoClasses(), request, {});
  REQUIRE_FALSE(response);
  CHECK(response.error().message == refusal.subject + refusal.description);
  CHECK(response.error() == Error{refusal.code, refusal.subject + refusal.description,
                                  {{refusal.path, refusal.description}}});
}

TEST_CASE("what is varied is answered as it is") {
  CHECK(Infer(ServeTwoClasses(), Good(false), {}));
  CHECK(Infer(ServeTwoClasses(), Good(true), {}));
}

TEST_CASE("models that are not served") {
  const auto refusal = GENERATE(from_range(std::vector<Refusal>{
      {[](auto& r) { r.clear_model_name(); }, "", "model_name", "no model \"\" is served here; expected \"iris\"",
       ErrorCode::kNotFound},
      {[](auto& r) { r.set_model_name("IRIS\n"); }, "", "model_name",
       "no model \"IRIS\\x0a\" is served here; expected \"iris\"", ErrorCode::kNotFound},
      {[](auto& r) { r.set_model_version("0"); }, "", "model_version",
       "no version \"0\" of model \"iris\" is served here; expected \"1\", or none for any", ErrorCode::kNotFound},
      {[](auto& r) { r.set_model_version("1 "); }, "", "model_version",
       "no version \"1 \" of model \"iris\" is served here; expected \"1\", or none for any", ErrorCode::kNotFound},
  }));
  CheckRefused(refusal, Good(GENERATE(false, true)));
}

TEST_CASE("inputs that are none, too many, or not known") {
  const std::string unknown = "no input has this name; expected \"input-0\" (or \"predict\")";
  const auto refusal = GENERATE_COPY(from_range(std::vector<Refusal>{
      {[](auto& r) { r.clear_inputs(); }, "inputs: ", "inputs", "found no tensor, expected one, \"input-0\""},
      {[](auto& r) { r.mutable_inputs(0)->clear_name(); }, "tensor \"\": ", "inputs[0].name", unknown},
      {[](auto& r) { r.mutable_inputs(0)->set_name("INPUT-0"); }, "tensor \"INPUT-0\": ", "inputs[0].name", unknown},
      {[](auto& r) { r.mutable_inputs(0)->set_name("label"); }, "tensor \"label\": ", "inputs[0].name", unknown},
      {[](auto& r) { r.mutable_inputs(0)->set_name(std::string(1000, 'x')); },
       "tensor \"" + std::string(40, 'x') + "\"...: ", "inputs[0].name", unknown},
      {[](auto& r) { r.add_inputs()->set_name("mask"); }, "tensor \"mask\": ", "inputs[1].name", unknown},
      {[](auto& r) { *r.add_inputs() = r.inputs(0); }, kTensor, "inputs[1].name", "given twice, expected once"},
      {[](auto& r) { r.add_inputs()->set_name("predict"); }, "tensor \"predict\": ", "inputs[1]",
       "a second input, expected one; \"predict\" is another name of \"input-0\""},
  }));
  CheckRefused(refusal, Good(GENERATE(false, true)));
}

TEST_CASE("datatypes that are not taken") {
  const std::string name =
      GENERATE(as<std::string>(), "", "fp32", "FP16", "BF16", "BOOL", "BYTES", "FLOAT", "TYPE_FP64");
  CheckRefused({[&](auto& r) { SetType(r, name); }, kTensor, "inputs[0].datatype",
                "datatype \"" + name +
                    "\" is not taken; expected one of FP64, FP32, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, "
                    "UINT64"},
               Good(GENERATE(false, true)));
}

TEST_CASE("shapes that do not fit the model") {
  const auto [shape, shown] = GENERATE(table<std::vector<std::int64_t>, std::string>({
      {{}, "[]"},
      {{0}, "[0]"},
      {{1}, "[1]"},
      {{4}, "[4]"},
      {{-2}, "[-2]"},
      {{4, 1}, "[4,1]"},
      {{1, 4}, "[1,4]"},
      {{2, 0}, "[2,0]"},
      {{2, -2}, "[2,-2]"},
      {{-1, 2}, "[-1,2]"},
      {{kLeast, 2}, "[-9223372036854775808,2]"},
      {{2, kMost}, "[2,9223372036854775807]"},
      {{2, kLeast + 2}, "[2,-9223372036854775806]"},
      {{1, 2, 2}, "[1,2,2]"},
      {{2, 2, 1}, "[2,2,1]"},
      {std::vector<std::int64_t>(100'000, 2), "[2,2,2,2,2,2,2,2,...]"},
  }));
  CheckRefused({[&](auto& r) {
                  r.mutable_inputs(0)->mutable_shape()->Assign(shape.begin(), shape.end());
                },
                kTensor, "inputs[0].shape",
                "shape " + shown + " does not fit; expected [n,2] with n of 0 or more, or [2]"},
               Good(GENERATE(false, true)));
}

TEST_CASE("typed contents that do not fit the shape") {
  const std::string path = "inputs[0].contents.fp64_contents";
  const auto refusal = GENERATE_COPY(from_range(std::vector<Refusal>{
      {[](auto& r) { r.mutable_inputs(0)->clear_contents(); }, kTensor, path,
       "fp64_contents has 0 values, expected 4 for shape [2,2]"},
      {[](auto& r) { Typed(r, "FP64").add_fp64_contents(1); }, kTensor, path,
       "fp64_contents has 1 value, expected 4 for shape [2,2]"},
      {[](auto& r) { r.mutable_inputs(0)->mutable_contents()->add_fp64_contents(5); }, kTensor, path,
       "fp64_contents has 5 values, expected 4 for shape [2,2]"},
      {[](auto& r) { SetShape(r, {0, 2}); }, kTensor, path, "fp64_contents has 4 values, expected 0 for shape [0,2]"},
      {[](auto& r) { SetShape(r, {2}); }, kTensor, path, "fp64_contents has 4 values, expected 2 for shape [2]"},
      {[](auto& r) { SetShape(r, {1 << 30, 2}); }, kTensor, path,
       "fp64_contents has 4 values, expected 2147483648 for shape [1073741824,2]"},
      {[](auto& r) { SetShape(r, {kMost, 2}); }, kTensor, path,
       "fp64_contents has 4 values, expected 18446744073709551614 for shape [9223372036854775807,2]"},
      {[](auto& r) { Typed(r, "INT32"); }, kTensor, "inputs[0].contents.int_contents",
       "int_contents has 0 values, expected 4 for shape [2,2]"},
  }));
  CheckRefused(refusal, Good());
}

TEST_CASE("contents in the field of another type") {
  const auto [datatype, own] = GENERATE(table<std::string, std::string>({{"FP64", "fp64_contents"},
                                                                         {"FP32", "fp32_contents"},
                                                                         {"INT8", "int_contents"},
                                                                         {"INT16", "int_contents"},
                                                                         {"INT32", "int_contents"},
                                                                         {"INT64", "int64_contents"},
                                                                         {"UINT8", "uint_contents"},
                                                                         {"UINT16", "uint_contents"},
                                                                         {"UINT32", "uint_contents"},
                                                                         {"UINT64", "uint64_contents"}}));
  using Contents = inference::InferTensorContents;
  const std::vector<std::pair<std::string, std::function<void(Contents&)>>> fields = {
      {"bool_contents", [](Contents& c) { c.add_bool_contents(true); }},
      {"int_contents", [](Contents& c) { c.add_int_contents(1); }},
      {"int64_contents", [](Contents& c) { c.add_int64_contents(1); }},
      {"uint_contents", [](Contents& c) { c.add_uint_contents(1); }},
      {"uint64_contents", [](Contents& c) { c.add_uint64_contents(1); }},
      {"fp32_contents", [](Contents& c) { c.add_fp32_contents(1); }},
      {"fp64_contents", [](Contents& c) { c.add_fp64_contents(1); }},
      {"bytes_contents", [](Contents& c) { c.add_bytes_contents("1"); }},
  };
  for (const auto& [name, add] : fields) {
    if (name == own) continue;
    ModelInferRequest request = Request(datatype, {2, 2}, std::array{1.0, 2.0, 3.0, 4.0});
    CheckRefused({[&](auto& r) { add(*r.mutable_inputs(0)->mutable_contents()); }, kTensor,
                  "inputs[0].contents." + name,
                  name + " is given, but values of " + datatype + " go into " + own},
                 request);
  }
}

TEST_CASE("raw contents that do not fit") {
  const std::string both = "contents and raw_input_contents are both given, expected one of them";
  const std::string first = "raw_input_contents[0]";
  const auto refusal = GENERATE_COPY(from_range(std::vector<Refusal>{
      {[](auto& r) { *r.mutable_inputs(0)->mutable_contents() = Good().inputs(0).contents(); }, kTensor,
       "inputs[0].contents", both},
      {[](auto& r) { r.mutable_inputs(0)->mutable_contents(); }, kTensor, "inputs[0].contents", both},
      {[](auto& r) { r.add_raw_input_contents(r.raw_input_contents(0)); }, kTensor, "raw_input_contents",
       "raw_input_contents has 2 entries, expected 1, as many as there are inputs"},
      {[](auto& r) { r.mutable_raw_input_contents(0)->clear(); }, kTensor, first,
       "raw_input_contents[0] has 0 bytes, expected 32 for shape [2,2] of FP64, 8 bytes each"},
      {[](auto& r) { r.mutable_raw_input_contents(0)->pop_back(); }, kTensor, first,
       "raw_input_contents[0] has 31 bytes, expected 32 for shape [2,2] of FP64, 8 bytes each"},
      {[](auto& r) { r.mutable_raw_input_contents(0)->push_back('\0'); }, kTensor, first,
       "raw_input_contents[0] has 33 bytes, expected 32 for shape [2,2] of FP64, 8 bytes each"},
      {[](auto& r) { SetType(r, "FP32"); }, kTensor, first,
       "raw_input_contents[0] has 32 bytes, expected 16 for shape [2,2] of FP32, 4 bytes each"},
      {[](auto& r) { SetType(r, "UINT8"); }, kTensor, first,
       "raw_input_contents[0] has 32 bytes, expected 4 for shape [2,2] of UINT8, 1 byte each"},
      {[](auto& r) { SetShape(r, {0, 2}); }, kTensor, first,
       "raw_input_contents[0] has 32 bytes, expected 0 for shape [0,2] of FP64, 8 bytes each"},
      {[](auto& r) { SetShape(r, {std::int64_t{1} << 60, 2}); }, kTensor, first,
       "raw_input_contents[0] has 32 bytes, expected more than any message holds for shape [1152921504606846976,2] of "
       "FP64, 8 bytes each"},
      {[](auto& r) { SetShape(r, {(std::int64_t{1} << 60) + 2, 2}); }, kTensor, first,  // 2^64 + 32 bytes
       "raw_input_contents[0] has 32 bytes, expected more than any message holds for shape [1152921504606846978,2] of "
       "FP64, 8 bytes each"},
      {[](auto& r) { SetShape(r, {kMost, 2}); }, kTensor, first,
       "raw_input_contents[0] has 32 bytes, expected more than any message holds for shape [9223372036854775807,2] of "
       "FP64, 8 bytes each"},
  }));
  CheckRefused(refusal, Good(true));
}

TEST_CASE("values that cannot be taken, typed") {
  const auto fp = [](std::vector<double> values) {
    return [values](ModelInferRequest& r) { AddTyped(Typed(r, "FP64"), "FP64", values); };
  };
  const std::string fp64 = "inputs[0].contents.fp64_contents";
  const auto refusal = GENERATE_COPY(from_range(std::vector<Refusal>{
      {fp({kNan, 2, 3, 4}), kTensor, fp64 + "[0]", "value 0 (row 0, \"x\") is nan, expected a finite number"},
      {fp({1, 2, 3, kInfinity}), kTensor, fp64 + "[3]", "value 3 (row 1, \"y\") is inf, expected a finite number"},
      {fp({1, -kInfinity, kNan, 4}), kTensor, fp64 + "[1]", "value 1 (row 0, \"y\") is -inf, expected a finite number"},
      {[](auto& r) { AddTyped(Typed(r, "FP32"), "FP32", std::array{1.0, 2.0, kNan, 4.0}); }, kTensor,
       "inputs[0].contents.fp32_contents[2]", "value 2 (row 1, \"x\") is nan, expected a finite number"},
      {[](auto& r) { AddTyped(Typed(r, "INT8"), "INT32", std::array{1.0, 128.0, 3.0, 4.0}); }, kTensor,
       "inputs[0].contents.int_contents[1]",
       "value 1 (row 0, \"y\") is 128, which is not a value of INT8; expected -128 to 127"},
      {[](auto& r) { AddTyped(Typed(r, "INT16"), "INT32", std::array{1.0, 2.0, 3.0, -32769.0}); }, kTensor,
       "inputs[0].contents.int_contents[3]",
       "value 3 (row 1, \"y\") is -32769, which is not a value of INT16; expected -32768 to 32767"},
      {[](auto& r) { AddTyped(Typed(r, "UINT8"), "UINT32", std::array{256.0, 2.0, 3.0, 4.0}); }, kTensor,
       "inputs[0].contents.uint_contents[0]",
       "value 0 (row 0, \"x\") is 256, which is not a value of UINT8; expected 0 to 255"},
      {[](auto& r) { AddTyped(Typed(r, "UINT16"), "UINT32", std::array{1.0, 2.0, 65536.0, 4.0}); }, kTensor,
       "inputs[0].contents.uint_contents[2]",
       "value 2 (row 1, \"x\") is 65536, which is not a value of UINT16; expected 0 to 65535"},
      {[](auto& r) {
         AddTyped(Typed(r, "INT64"), "INT64", std::array{1.0, 2.0, 3.0});
         r.mutable_inputs(0)->mutable_contents()->add_int64_contents(-9007199254740993);
       },
       kTensor, "inputs[0].contents.int64_contents[3]",
       "value 3 (row 1, \"y\") is -9007199254740993, which FP64 cannot hold exactly; expected at most 2^53 in "
       "magnitude, or send FP64"},
      {[](auto& r) {
         AddTyped(Typed(r, "UINT64"), "UINT64", std::array{1.0, 2.0, 3.0});
         r.mutable_inputs(0)->mutable_contents()->add_uint64_contents(UINT64_MAX);
       },
       kTensor, "inputs[0].contents.uint64_contents[3]",
       "value 3 (row 1, \"y\") is 18446744073709551615, which FP64 cannot hold exactly; expected at most 2^53 in "
       "magnitude, or send FP64"},
  }));
  CheckRefused(refusal, Good());
}

TEST_CASE("values that cannot be taken, raw") {
  const std::string path = "raw_input_contents[0]";
  const auto refusal = GENERATE_COPY(from_range(std::vector<Refusal>{
      {[](auto& r) { *r.mutable_raw_input_contents(0) = RawValues("FP64", std::array{1.0, 2.0, kNan, 4.0}); }, kTensor,
       path, "value 2 (row 1, \"x\") is nan, expected a finite number"},
      {[](auto& r) {
         SetType(r, "FP32");
         *r.mutable_raw_input_contents(0) = RawValues("FP32", std::array{1.0, kInfinity, 3.0, 4.0});
       },
       kTensor, path, "value 1 (row 0, \"y\") is inf, expected a finite number"},
      {[](auto& r) {
         SetType(r, "INT64");
         *r.mutable_raw_input_contents(0) = std::string(24, '\0') + Bytes(std::int64_t{9007199254740993});
       },
       kTensor, path,
       "value 3 (row 1, \"y\") is 9007199254740993, which FP64 cannot hold exactly; expected at most 2^53 in "
       "magnitude, or send FP64"},
  }));
  CheckRefused(refusal, Good(true));
}

TEST_CASE("outputs that there are not, or twice") {
  const std::string unknown =
      "no output has this name; expected \"label\", \"class\", \"decision\" or \"contribution\"";
  const auto ask = [](std::vector<std::string> names) {
    return [names](ModelInferRequest& r) {
      for (const std::string& name : names) r.add_outputs()->set_name(name);
    };
  };
  const auto refusal = GENERATE_COPY(from_range(std::vector<Refusal>{
      {ask({""}), "tensor \"\": ", "outputs[0].name", unknown},
      {ask({"Label"}), "tensor \"Label\": ", "outputs[0].name", unknown},
      {ask({"label", "probability"}), "tensor \"probability\": ", "outputs[1].name", unknown},
      {ask({"label", "class", "label"}), "tensor \"label\": ", "outputs[2].name", "asked for twice, expected once"},
      {ask({"decision", "decision"}), "tensor \"decision\": ", "outputs[1].name", "asked for twice, expected once"},
  }));
  CheckRefused(refusal, Good(GENERATE(false, true)));
}

}  // namespace
}  // namespace iris
