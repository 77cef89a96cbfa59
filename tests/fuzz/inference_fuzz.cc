// SPDX-License-Identifier: Apache-2.0
//
// What the predicting methods do with a request. The first byte chooses the method and the model, the rest is the
// request as it comes from the network. What is answered has the outputs that were asked for, keeps within the limit,
// and agrees with the predictor; what is refused names the field at fault.

#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "iris.pb.h"
#include "iris/v1/prediction.pb.h"
#include "src/inference/infer.h"
#include "src/inference/iris_prediction.h"
#include "src/inference/stream_prediction.h"
#include "src/inference/tensor_input.h"
#include "src/svm/predictor.h"
#include "tests/fuzz/fuzz.h"

namespace iris {
namespace {

constexpr std::size_t kReplyBytes = 64 << 10;

ServedModel Serve(Model model) {
  return {.name = "iris", .version = "1", .model = std::make_shared<const Model>(std::move(model))};
}

std::array<ServedModel, 2> Models() {
  Model flowers;
  flowers.class_names = {"setosa", "versicolor", "virginica"};
  flowers.feature_names = {"sepal_length", "sepal_width", "petal_length", "petal_width"};
  flowers.weights = {0.184, 0.451, -0.808, -0.451, 0.055, -0.901, 0.409, -0.961, -0.851, -0.987, 1.381, 1.865};
  flowers.bias = {0.110, 1.687, -1.711};
  Model two;
  two.class_names = {"no", "maybe"};
  two.feature_names = {"x"};
  two.weights = {1};
  two.bias = {0.5};
  return {Serve(std::move(flowers)), Serve(std::move(two))};
}

void RequireRefusal(const Error& error) {
  fuzz::RequireMessage(error.message);
  for (const FieldViolation& violation : error.violations) {
    fuzz::Require(!violation.field.empty() && !violation.description.empty(), "a violation says where and what");
  }
}

void CheckInfer(const ServedModel& served, std::string_view bytes) {
  inference::ModelInferRequest request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const auto reply = Infer(served, request, {.reply_bytes = kReplyBytes});
  if (!reply) return RequireRefusal(reply.error());
  fuzz::Require(reply->ByteSizeLong() <= kReplyBytes, "the reply keeps within the limit");
  fuzz::Require(reply->id() == request.id(), "the reply has the request's id");
  fuzz::Require(reply->outputs_size() == (request.outputs_size() == 0 ? 1 : request.outputs_size()),
                "as many outputs as were asked for");
  const auto input = TensorInput::Read(*served.model, request);
  fuzz::Require(input.has_value(), "what was answered reads");
  fuzz::Require(reply->raw_output_contents_size() == (input->raw() ? reply->outputs_size() : 0), "raw to raw");
  std::vector<double> values(input->rows() * served.model->feature_count());
  fuzz::Require(input->Load(0, values).has_value(), "and loads");
  for (const double value : values) fuzz::Require(std::isfinite(value), "finite values");
  const std::vector<std::int32_t> expected =
      PredictAll(*served.model, DenseMatrix{served.model->feature_count(), values});
  for (int i = 0; i < reply->outputs_size(); ++i) {
    const auto& output = reply->outputs(i);
    fuzz::Require(output.shape_size() >= 1 && output.shape(0) == static_cast<std::int64_t>(input->rows()), "its rows");
    if (output.name() != "label") continue;
    for (std::size_t row = 0; row < expected.size(); ++row) {
      std::int32_t label = 0;
      if (input->raw()) {
        std::memcpy(&label, reply->raw_output_contents(i).data() + row * sizeof label, sizeof label);
      } else {
        label = output.contents().int_contents(static_cast<int>(row));
      }
      fuzz::Require(label == expected[row], "the predictor's label");
    }
  }
}

void CheckStream(const ServedModel& served, std::string_view bytes) {
  iris::v1::StreamPredictRequest request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const auto reply = Answer(served, request, {.reply_bytes = kReplyBytes});
  fuzz::Require(reply.ByteSizeLong() <= kReplyBytes, "the reply keeps within the limit");
  if (request.id().size() <= kMostIdBytes) fuzz::Require(reply.id() == request.id(), "the id is echoed");
  fuzz::Require(reply.has_prediction() || reply.has_error(), "one or the other");
}

void CheckIris(const ServedModel& served, std::string_view bytes) {
  ml::IrisPredictRequest request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const auto reply = PredictIrisSpecies(*served.model, request);
  if (!reply) return RequireRefusal(reply.error());
  const std::array sample = {request.sepal_length(), request.sepal_width(), request.petal_length(),
                             request.petal_width()};
  fuzz::Require(reply->species() == Predict(*served.model, sample), "the predictor's class");
}

}  // namespace
}  // namespace iris

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iris;
  static const std::array<ServedModel, 2> models = Models();
  if (size == 0) return 0;
  const ServedModel& served = models[data[0] & 1];
  const std::string_view request = fuzz::Text(data + 1, size - 1);
  switch (data[0] >> 1 & 3) {
    case 0: CheckStream(served, request); break;
    case 1: CheckIris(served, request); break;
    default: CheckInfer(served, request); break;
  }
  return 0;
}
