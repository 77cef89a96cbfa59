// SPDX-License-Identifier: Apache-2.0

#include "src/serving/iris_service.h"

#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "catch_amalgamated.hpp"
#include "src/serving/status.h"
#include "tests/serving/fixture.h"

namespace iris {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

ml::IrisPredictRequest Flower(const std::array<double, 4>& sample) {
  ml::IrisPredictRequest request;
  request.set_sepal_length(sample[0]);
  request.set_sepal_width(sample[1]);
  request.set_petal_length(sample[2]);
  request.set_petal_width(sample[3]);
  return request;
}

TEST_CASE("a flower of each species") {
  const auto [sample, species] = GENERATE(table<std::array<double, 4>, int>({
      {{5.0, 3.6, 1.3, 0.25}, 0},
      {{5.7, 2.8, 4.1, 1.3}, 1},
      {{6.3, 3.3, 6.0, 2.5}, 2},
  }));
  const auto reply = PredictIrisSpecies(IrisModel(), Flower(sample));
  REQUIRE(reply);
  CHECK(reply->species() == species);
}

TEST_CASE("any finite numbers are classified") {
  const double value = GENERATE(0.0, -0.0, -1e9, 1e300, std::numeric_limits<double>::denorm_min());
  CHECK(PredictIrisSpecies(IrisModel(), Flower({value, value, value, value})));
  CHECK(PredictIrisSpecies(IrisModel(), ml::IrisPredictRequest()));  // fields left out are zeros
}

TEST_CASE("a measurement that is not finite is refused by name") {
  const auto [field, name] = GENERATE(table<std::size_t, std::string>(
      {{0, "sepal_length"}, {1, "sepal_width"}, {2, "petal_length"}, {3, "petal_width"}}));
  const auto [value, shown] =
      GENERATE(table<double, std::string>({{kNan, "nan"}, {-kNan, "nan"}, {kInfinity, "inf"}, {-kInfinity, "-inf"}}));
  std::array<double, 4> sample = {5.0, 3.6, 1.3, 0.25};
  sample[field] = value;
  const auto reply = PredictIrisSpecies(IrisModel(), Flower(sample));
  REQUIRE_FALSE(reply);
  CHECK(reply.error() == Error{ErrorCode::kInvalidArgument, name + " must be a finite number, got " + shown});
}

TEST_CASE("several measurements that are not finite are all named, in order") {
  const auto reply = PredictIrisSpecies(IrisModel(), Flower({kInfinity, 1, 1, kNan}));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().message ==
        "sepal_length must be a finite number, got inf; petal_width must be a finite number, got nan");
}

TEST_CASE("a model that does not take four features cannot answer") {
  const auto reply = PredictIrisSpecies(TwoFeatureModel(), Flower({5.0, 3.6, 1.3, 0.25}));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == ErrorCode::kFailedPrecondition);
  CHECK_THAT(reply.error().message, Catch::Matchers::ContainsSubstring("takes 2 features"));
}

TEST_CASE("every kind of error has its status, and the message goes along") {
  const auto [code, status] = GENERATE(table<ErrorCode, grpc::StatusCode>({
      {ErrorCode::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT},
      {ErrorCode::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION},
      {ErrorCode::kUnavailable, grpc::StatusCode::UNAVAILABLE},
      {ErrorCode::kCheckFailed, grpc::StatusCode::INTERNAL},
      {ErrorCode::kBadData, grpc::StatusCode::INTERNAL},
      {ErrorCode::kIo, grpc::StatusCode::INTERNAL},
      {ErrorCode::kConfiguration, grpc::StatusCode::INTERNAL},
  }));
  const grpc::Status made = ToGrpcStatus({code, "why"});
  CHECK(made.error_code() == status);
  CHECK(made.error_message() == "why");
}

}  // namespace
}  // namespace iris
