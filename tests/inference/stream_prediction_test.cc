// SPDX-License-Identifier: Apache-2.0

#include "src/inference/stream_prediction.h"

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "tests/inference/models.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;
using iris::v1::StreamPredictRequest;
using iris::v1::StreamPredictResponse;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

StreamPredictRequest Rows(std::span<const double> values, std::vector<int> outputs = {}) {
  StreamPredictRequest request;
  request.set_id("7");
  request.mutable_features()->Assign(values.begin(), values.end());
  for (const int output : outputs) request.add_outputs(static_cast<iris::v1::Output>(output));
  return request;
}

template <typename T, typename Repeated>
std::vector<T> List(const Repeated& values) {
  return {values.begin(), values.end()};
}

TEST_CASE("all 150 flowers in one message") {
  const ServedModel served = ServeIris();
  const DenseMatrix flowers = Flowers();
  const StreamPredictResponse response = Answer(served, Rows(flowers.values, {1, 3, 2}), {});
  CHECK(response.id() == "7");
  REQUIRE(response.has_prediction());
  const auto& prediction = response.prediction();
  REQUIRE(prediction.labels_size() == 150);
  REQUIRE(prediction.classes_size() == 150);
  REQUIRE(prediction.decisions_size() == 450);
  for (std::size_t i = 0; i < 150; ++i) {
    const std::int32_t label = Predict(*served.model, flowers.row(i));
    CHECK(prediction.labels(static_cast<int>(i)) == label);
    CHECK(prediction.classes(static_cast<int>(i)) == served.model->class_names[static_cast<std::size_t>(label)]);
    std::array<double, 3> decisions{};
    DecisionValues(*served.model, flowers.row(i), decisions);
    for (std::size_t k = 0; k < 3; ++k) CHECK(prediction.decisions(static_cast<int>(3 * i + k)) == decisions[k]);
  }
}

TEST_CASE("the outputs are those asked for, by default the labels") {
  const ServedModel two = ServeTwoClasses();
  const std::array values = {3.0, 1.0, -4.0, 0.25};
  const auto labels = Answer(two, Rows(values), {}).prediction();
  CHECK(List<int>(labels.labels()) == std::vector{1, 0});
  CHECK(labels.classes().empty());
  CHECK(labels.decisions().empty());
  const auto classes = Answer(two, Rows(values, {2}), {}).prediction();
  CHECK(classes.labels().empty());
  CHECK(List<std::string>(classes.classes()) == std::vector<std::string>{"maybe", "no"});
  const auto decisions = Answer(two, Rows(values, {3}), {}).prediction();
  CHECK(decisions.labels().empty());
  CHECK(List<double>(decisions.decisions()) == std::vector{-2.5, 2.5, 3.75, -3.75});
}

TEST_CASE("no rows are a prediction of none") {
  const StreamPredictResponse response = Answer(ServeIris(), Rows({}, {1, 2, 3}), {});
  REQUIRE(response.has_prediction());
  CHECK(response.prediction().ByteSizeLong() == 0);
}

TEST_CASE("what is wrong with a message is told in its answer") {
  struct Case {
    StreamPredictRequest request;
    std::string path;
    std::string description;
  };
  const std::string choices = ", expected OUTPUT_LABEL (1), OUTPUT_CLASS (2) or OUTPUT_DECISION (3)";
  const auto [request, path, description] = GENERATE_COPY(from_range(std::vector<Case>{
      {Rows(std::array{1.0}), "features", "number of values 1, expected whole rows of 2"},
      {Rows(std::array{1.0, 2.0, 3.0}), "features", "number of values 3, expected whole rows of 2"},
      {Rows(std::array{1.0, kNan}), "features[1]", "is nan (row 0, \"y\"), expected a finite number"},
      {Rows(std::array{1.0, 2.0, -kInfinity, kNan}), "features[2]", "is -inf (row 1, \"x\"), expected a finite number"},
      {Rows({}, {0}), "outputs[0]", "found 0" + choices},
      {Rows({}, {1, -1}), "outputs[1]", "found -1" + choices},
      {Rows({}, {1, 2, 4}), "outputs[2]", "found 4" + choices},
      {Rows({}, {2, 1, 2}), "outputs[2]", "output 2 is asked for twice, expected once"},
  }));
  const StreamPredictResponse response = Answer(ServeTwoClasses(), request, {});
  CHECK(response.id() == "7");
  REQUIRE(response.has_error());
  CHECK(response.error().code() == 3);
  CHECK(response.error().message() == path + ": " + description);
  google::rpc::BadRequest bad_request;
  REQUIRE(response.error().details_size() == 1);
  REQUIRE(response.error().details(0).UnpackTo(&bad_request));
  REQUIRE(bad_request.field_violations_size() == 1);
  CHECK(bad_request.field_violations(0).field() == path);
  CHECK(bad_request.field_violations(0).description() == description);
}

TEST_CASE("an id is echoed up to its limit, and beyond it refused") {
  StreamPredictRequest request = Rows(std::array{1.0, 2.0});
  request.set_id(std::string(kMostIdBytes, 'i'));
  const StreamPredictResponse echoed = Answer(ServeTwoClasses(), request, {});
  CHECK(echoed.has_prediction());
  CHECK(echoed.id() == request.id());
  request.mutable_id()->push_back('i');
  const StreamPredictResponse refused = Answer(ServeTwoClasses(), request, {});
  CHECK(refused.id().empty());
  CHECK(refused.error().code() == 3);
  CHECK(refused.error().message() == "id: is 1025 bytes long, expected at most 1024");
}

TEST_CASE("an answer beyond the limit is an error in its place") {
  const std::vector<double> values(2000, 1.0);
  const ServedModel two = ServeTwoClasses();
  const StreamPredictRequest request = Rows(values, {3});  // 1000 rows of two decisions
  const std::size_t bytes = Answer(two, request, {}).ByteSizeLong();
  CHECK(Answer(two, request, {.reply_bytes = bytes}).has_prediction());
  for (const std::size_t limit : {bytes - 1, std::size_t{15'999}}) {
    const StreamPredictResponse response = Answer(two, request, {.reply_bytes = limit});
    REQUIRE(response.has_error());
    CHECK(response.id() == "7");
    CHECK(response.error().code() == 8);
    CHECK_THAT(response.error().message(), ContainsSubstring("more than the limit of " + std::to_string(limit)));
  }
}

TEST_CASE("a long message is given up when nobody waits") {
  const std::vector<double> values(20'000, 1.0);
  int asked = 0;
  const StreamPredictResponse response =
      Answer(ServeTwoClasses(), Rows(values), {.abandoned = [&] { return ++asked == 2; }});
  CHECK(response.error().code() == 1);
  CHECK(asked == 2);
}

}  // namespace
}  // namespace iris
