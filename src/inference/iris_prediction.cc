// SPDX-License-Identifier: Apache-2.0

#include "src/inference/iris_prediction.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "src/inference/field_error.h"
#include "src/svm/predictor.h"

namespace iris {
namespace {

constexpr std::size_t kFeatures = 4;
constexpr std::array<const char*, kFeatures> kFields = {"sepal_length", "sepal_width", "petal_length", "petal_width"};

std::unexpected<Error> NotFinite(const std::array<double, kFeatures>& sample) {
  Error error{ErrorCode::kInvalidArgument, {}, {}};
  for (std::size_t i = 0; i < kFeatures; ++i) {
    if (std::isfinite(sample[i])) continue;
    std::string description = Concat({"must be a finite number, got ", FormatValue(sample[i])});
    if (!error.message.empty()) error.message += "; ";
    error.message += Concat({kFields[i], " ", description});
    error.violations.push_back({kFields[i], std::move(description)});
  }
  return std::unexpected(std::move(error));
}

}  // namespace

Result<ml::IrisPredictReply> PredictIrisSpecies(const Model& model, const ml::IrisPredictRequest& request) {
  if (model.feature_count() != kFeatures) {
    return Fail(ErrorCode::kFailedPrecondition,
                Concat({"the served model takes ", std::to_string(model.feature_count()),
                        " features and PredictIrisSpecies gives exactly 4; start the server with a model of 4 "
                        "features"}));
  }
  const std::array<double, kFeatures> sample = {request.sepal_length(), request.sepal_width(), request.petal_length(),
                                                request.petal_width()};
  for (const double value : sample) {
    if (!std::isfinite(value)) return NotFinite(sample);
  }
  ml::IrisPredictReply reply;
  reply.set_species(Predict(model, sample));
  return reply;
}

}  // namespace iris
