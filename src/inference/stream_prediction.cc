// SPDX-License-Identifier: Apache-2.0

#include "src/inference/stream_prediction.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "src/base/text.h"
#include "src/inference/class_values.h"
#include "src/inference/datatype.h"
#include "src/inference/field_error.h"
#include "src/inference/prediction_tally.h"
#include "src/inference/rpc_status.h"
#include "src/svm/predictor.h"

namespace iris {
namespace {

using v1::StreamPredictRequest;
using v1::StreamPredictResponse;

constexpr std::size_t kRowsBetweenLooks = 512;  // at whether anybody still waits: some 10 µs of work

struct Wanted {
  bool labels = false;
  bool classes = false;
  bool decisions = false;
};

std::unexpected<Error> Invalid(std::string path, std::string description) {
  const std::string subject = Concat({path, ": "});
  return FailField(ErrorCode::kInvalidArgument, subject, std::move(path), std::move(description));
}

Result<Wanted> ReadWanted(const StreamPredictRequest& request) {
  Wanted wanted;
  if (request.outputs_size() == 0) wanted.labels = true;
  for (int i = 0; i < request.outputs_size(); ++i) {
    const int output = request.outputs(i);
    const std::string path = ElementPath("outputs", static_cast<std::size_t>(i));
    bool* const flag = output == v1::OUTPUT_LABEL      ? &wanted.labels
                       : output == v1::OUTPUT_CLASS    ? &wanted.classes
                       : output == v1::OUTPUT_DECISION ? &wanted.decisions
                                                       : nullptr;
    if (flag == nullptr) {
      return Invalid(path, Concat({"found ", std::to_string(output),
                                   ", expected OUTPUT_LABEL (1), OUTPUT_CLASS (2) or OUTPUT_DECISION (3)"}));
    }
    if (*flag) {
      return Invalid(path, Concat({"output ", std::to_string(output), " is asked for twice, expected once"}));
    }
    *flag = true;
  }
  return wanted;
}

Result<void> CheckFeatures(const Model& model, std::span<const double> values) {
  const std::size_t features = model.feature_count();
  if (values.size() % features != 0) {
    return Invalid("features", Concat({"number of values ", std::to_string(values.size()), ", expected whole rows of ",
                                       std::to_string(features)}));
  }
  const std::size_t i = CountFinite(values);
  if (i == values.size()) return {};
  return Invalid(ElementPath("features", i),
                 Concat({"is ", FormatValue(values[i]), " (row ", std::to_string(i / features), ", ",
                         Quote(model.feature_names[i % features]), "), expected a finite number"}));
}

// Bytes of a reply with these values, less ids and the lengths of names: no fewer will do.
std::uint64_t LeastBytes(const Model& model, const Wanted& wanted, std::uint64_t rows) {
  std::uint64_t row_bytes = 0;
  if (wanted.labels) row_bytes += 1;
  if (wanted.classes) row_bytes += 2;
  if (wanted.decisions) row_bytes += model.class_names.size() * sizeof(double);
  return rows * row_bytes;  // no overflow: the rows were sent
}

// Counts the rows of each class, if that was asked for.
Result<v1::Prediction> MakePrediction(const Model& model, const StreamPredictRequest& request,
                                      const AnswerLimits& limits, RowsByClass& rows_by_class) {
  const Result<Wanted> wanted = ReadWanted(request);
  if (!wanted) return std::unexpected(wanted.error());
  const std::span<const double> values(request.features().data(), static_cast<std::size_t>(request.features_size()));
  if (const auto checked = CheckFeatures(model, values); !checked) return std::unexpected(checked.error());
  const std::size_t features = model.feature_count();
  const std::size_t rows = values.size() / features;
  const std::uint64_t least = LeastBytes(model, *wanted, rows);
  if (least > limits.reply_bytes) return FailTooLarge("at least ", least, limits.reply_bytes);

  v1::Prediction prediction;
  const std::size_t classes = model.class_names.size();
  if (wanted->decisions) prediction.mutable_decisions()->Resize(static_cast<int>(rows * classes), 0.0);
  if (wanted->labels || wanted->classes) rows_by_class = RowsByClass(classes);
  if (wanted->labels) prediction.mutable_labels()->Reserve(static_cast<int>(rows));
  double* decisions = prediction.mutable_decisions()->mutable_data();
  std::vector<std::int32_t> labels;  // of one block
  for (std::size_t first = 0; first < rows; first += kRowsBetweenLooks) {
    if (limits.abandoned && limits.abandoned()) {
      return Fail(ErrorCode::kCancelled, "the caller gave up, or its deadline passed");
    }
    const std::size_t count = std::min(kRowsBetweenLooks, rows - first);
    const std::span<const double> block(values.data() + first * features, count * features);
    if (wanted->decisions) ClassDecisionsBatch(model, block, {decisions + first * classes, count * classes});
    if (!wanted->labels && !wanted->classes) continue;
    labels.resize(count);
    PredictBatch(model, block, labels);
    rows_by_class.Count(labels);
    for (const std::int32_t label : labels) {
      if (wanted->labels) prediction.add_labels(label);
      if (wanted->classes) prediction.add_classes(model.class_names[static_cast<std::size_t>(label)]);
    }
  }
  return prediction;
}

}  // namespace

StreamPredictResponse Answer(const ServedModel& served, const StreamPredictRequest& request,
                             const AnswerLimits& limits) {
  StreamPredictResponse response;
  const auto fail = [&](const Error& error) { *response.mutable_error() = ToRpcStatus(error); };
  if (request.id().size() > kMostIdBytes) {
    fail(Invalid("id", Concat({"is ", std::to_string(request.id().size()), " bytes long, expected at most ",
                               std::to_string(kMostIdBytes)}))
             .error());
    return response;
  }
  response.set_id(request.id());
  RowsByClass rows_by_class;
  Result<v1::Prediction> prediction = MakePrediction(*served.model, request, limits, rows_by_class);
  if (!prediction) {
    fail(prediction.error());
    return response;
  }
  *response.mutable_prediction() = *std::move(prediction);
  const std::size_t bytes = response.ByteSizeLong();
  if (bytes > limits.reply_bytes) {
    fail(FailTooLarge("", bytes, limits.reply_bytes).error());
  } else if (served.tally) {
    rows_by_class.AddTo(*served.tally);
  }
  return response;
}

}  // namespace iris
