// SPDX-License-Identifier: Apache-2.0

#include "src/inference/iris_prediction.h"

#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "catch_amalgamated.hpp"
#include "tests/inference/models.h"

namespace iris {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

ml::IrisPredictRequest Flower(std::span<const double> sample) {
  ml::IrisPredictRequest request;
  request.set_sepal_length(sample[0]);
  request.set_sepal_width(sample[1]);
  request.set_petal_length(sample[2]);
  request.set_petal_width(sample[3]);
  return request;
}

TEST_CASE("all 150 flowers get the label of the predictor") {
  const ServedModel served = ServeIris();
  const Dataset flowers = LoadIris();
  const DenseMatrix measurements = Flowers();
  int right = 0;
  for (std::size_t i = 0; i < flowers.samples(); ++i) {
    const auto reply = PredictIrisSpecies(*served.model, Flower(measurements.row(i)));
    REQUIRE(reply);
    CHECK(reply->species() == Predict(*served.model, measurements.row(i)));
    right += reply->species() == flowers.labels[i];
  }
  CHECK(right == 145);
}

TEST_CASE("any finite numbers are classified") {
  const double value = GENERATE(0.0, -0.0, -1e9, 1e300, std::numeric_limits<double>::denorm_min());
  CHECK(PredictIrisSpecies(*ServeIris().model, Flower(std::array{value, value, value, value})));
  CHECK(PredictIrisSpecies(*ServeIris().model, ml::IrisPredictRequest()));  // fields left out are zeros
}

TEST_CASE("a measurement that is not finite is refused by name") {
  const auto [field, name] = GENERATE(table<std::size_t, std::string>(
      {{0, "sepal_length"}, {1, "sepal_width"}, {2, "petal_length"}, {3, "petal_width"}}));
  const auto [value, shown] =
      GENERATE(table<double, std::string>({{kNan, "nan"}, {-kNan, "nan"}, {kInfinity, "inf"}, {-kInfinity, "-inf"}}));
  std::array<double, 4> sample = {5.0, 3.6, 1.3, 0.25};
  sample[field] = value;
  const auto reply = PredictIrisSpecies(*ServeIris().model, Flower(sample));
  REQUIRE_FALSE(reply);
  const std::string description = "must be a finite number, got " + shown;
  CHECK(reply.error() == Error{ErrorCode::kInvalidArgument, name + " " + description, {{name, description}}});
}

TEST_CASE("several measurements that are not finite are all named, in order, each with its violation") {
  const auto reply = PredictIrisSpecies(*ServeIris().model, Flower(std::array{kInfinity, 1.0, 1.0, kNan}));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().message ==
        "sepal_length must be a finite number, got inf; petal_width must be a finite number, got nan");
  CHECK(reply.error().violations == std::vector<FieldViolation>{{"sepal_length", "must be a finite number, got inf"},
                                                                {"petal_width", "must be a finite number, got nan"}});
}

TEST_CASE("a model that does not take four features cannot answer") {
  const auto reply = PredictIrisSpecies(*ServeTwoClasses().model, ml::IrisPredictRequest());
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == ErrorCode::kFailedPrecondition);
  CHECK_THAT(reply.error().message, Catch::Matchers::ContainsSubstring("takes 2 features"));
  CHECK(reply.error().violations.empty());
}

}  // namespace
}  // namespace iris
