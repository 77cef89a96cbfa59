// SPDX-License-Identifier: Apache-2.0

#include "src/serving/iris_service.h"

#include <array>
#include <cmath>
#include <string>

#include "src/serving/callback_unary.h"
#include "src/svm/predictor.h"

namespace iris {
namespace {

constexpr std::size_t kFeatures = 4;
constexpr std::array<const char*, kFeatures> kFields = {"sepal_length", "sepal_width", "petal_length", "petal_width"};

const char* NonFiniteName(double value) {
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

// One clause for every field that is not finite; empty when all are.
std::string DescribeNonFinite(const std::array<double, kFeatures>& sample) {
  std::string text;
  for (std::size_t i = 0; i < kFeatures; ++i) {
    if (std::isfinite(sample[i])) continue;
    if (!text.empty()) text += "; ";
    text += std::string(kFields[i]) + " must be a finite number, got " + NonFiniteName(sample[i]);
  }
  return text;
}

}  // namespace

Result<ml::IrisPredictReply> PredictIrisSpecies(const Model& model, const ml::IrisPredictRequest& request) {
  if (model.feature_count() != kFeatures) {
    return Fail(ErrorCode::kFailedPrecondition,
                "the served model takes " + std::to_string(model.feature_count()) +
                    " features and PredictIrisSpecies gives exactly 4; start the server with a model of 4 features");
  }
  const std::array<double, kFeatures> sample = {request.sepal_length(), request.sepal_width(), request.petal_length(),
                                                request.petal_width()};
  std::string non_finite = DescribeNonFinite(sample);
  if (!non_finite.empty()) return Fail(ErrorCode::kInvalidArgument, std::move(non_finite));
  ml::IrisPredictReply reply;
  reply.set_species(Predict(model, sample));
  return reply;
}

grpc::ServerUnaryReactor* IrisService::PredictIrisSpecies(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request, grpc::ByteBuffer* reply) {
  return Answer<ml::IrisPredictRequest>(*context, *request, *reply, [this](const ml::IrisPredictRequest& flower) {
    return iris::PredictIrisSpecies(*model_, flower);
  });
}

}  // namespace iris
