// SPDX-License-Identifier: Apache-2.0

#include "src/inference/infer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/base/text.h"
#include "src/inference/field_error.h"
#include "src/inference/tensor_input.h"
#include "src/inference/tensor_output.h"
#include "src/svm/prediction_tiles.h"

namespace iris {
namespace {

constexpr std::size_t kBlockValues = 2048;  // 16 KiB: stays in the first-level cache; some 10 µs of work
constexpr std::size_t kWideFeatures = 8192;  // from here on a sample alone is more than caches close by hold

// As many as make whole tiles, where that is not too much.
std::size_t BlockRows(std::size_t features) {
  if (features > kWideFeatures) return 1;
  return std::max<std::size_t>(1, kBlockValues / features / kTileSamples) * kTileSamples;
}

}  // namespace

Result<void> CheckModelName(const ServedModel& served, const std::string& name, const std::string& version,
                            const char* name_path, const char* version_path) {
  if (name != served.name) {
    return FailField(ErrorCode::kNotFound, "", name_path,
                     Concat({"no model ", Quote(name), " is served here; expected ", Quote(served.name)}));
  }
  if (!version.empty() && version != served.version) {
    return FailField(ErrorCode::kNotFound, "", version_path,
                     Concat({"no version ", Quote(version), " of model ", Quote(name), " is served here; expected ",
                             Quote(served.version), ", or none for any"}));
  }
  return {};
}

Result<inference::ModelInferResponse> Infer(const ServedModel& served, const inference::ModelInferRequest& request,
                                            const AnswerLimits& limits) {
  const auto named =
      CheckModelName(served, request.model_name(), request.model_version(), "model_name", "model_version");
  if (!named) return std::unexpected(named.error());
  const Model& model = *served.model;
  const Result<TensorInput> input = TensorInput::Read(model, request);
  if (!input) return std::unexpected(input.error());
  const Result<std::vector<OutputKind>> outputs = ReadOutputs(request);
  if (!outputs) return std::unexpected(outputs.error());
  const std::size_t rows = input->rows();
  const std::uint64_t least = LeastOutputBytes(model, *outputs, rows, input->raw());
  if (least > limits.reply_bytes) return FailTooLarge("at least ", least, limits.reply_bytes);

  inference::ModelInferResponse response;
  response.set_model_name(served.name);
  response.set_model_version(served.version);
  response.set_id(request.id());
  OutputWriter writer(model, *outputs, rows, input->raw(), response);
  const std::size_t features = model.feature_count();
  const std::size_t block_rows = std::min(rows, BlockRows(features));
  std::vector<double> block(block_rows * features);
  for (std::size_t first = 0; first < rows; first += block_rows) {
    if (limits.abandoned && limits.abandoned()) {
      return Fail(ErrorCode::kCancelled, Concat({"the caller gave up, or its deadline passed, after ",
                                                 std::to_string(first), " of ", std::to_string(rows), " rows"}));
    }
    const std::size_t count = std::min(block_rows, rows - first);
    const std::span<double> values(block.data(), count * features);
    if (const auto loaded = input->Load(first, values); !loaded) return std::unexpected(loaded.error());
    writer.Write(count, values);
  }
  const std::size_t bytes = response.ByteSizeLong();
  if (bytes > limits.reply_bytes) return FailTooLarge("", bytes, limits.reply_bytes);
  if (served.tally) writer.rows_by_class().AddTo(*served.tally);
  return response;
}

}  // namespace iris
