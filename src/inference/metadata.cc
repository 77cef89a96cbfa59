// SPDX-License-Identifier: Apache-2.0

#include "src/inference/metadata.h"

#include <cstddef>
#include <cstdint>

#include "src/inference/infer.h"
#include "src/inference/tensor_input.h"
#include "src/inference/tensor_output.h"

namespace iris {

inference::ServerLiveResponse ServerLive() {
  inference::ServerLiveResponse response;
  response.set_live(true);
  return response;
}

inference::ServerReadyResponse ServerReady(bool serving) {
  inference::ServerReadyResponse response;
  response.set_ready(serving);
  return response;
}

Result<inference::ModelReadyResponse> ModelReady(const ServedModel& served, const inference::ModelReadyRequest& request,
                                                 bool serving) {
  const auto named = CheckModelName(served, request.name(), request.version(), "name", "version");
  if (!named) return std::unexpected(named.error());
  inference::ModelReadyResponse response;
  response.set_ready(serving);
  return response;
}

inference::ServerMetadataResponse ServerMetadata(const std::string& version) {
  inference::ServerMetadataResponse response;
  response.set_name("iris-predictor");
  response.set_version(version);
  return response;
}

Result<inference::ModelMetadataResponse> ModelMetadata(const ServedModel& served,
                                                       const inference::ModelMetadataRequest& request) {
  const auto named = CheckModelName(served, request.name(), request.version(), "name", "version");
  if (!named) return std::unexpected(named.error());
  const Model& model = *served.model;
  inference::ModelMetadataResponse response;
  response.set_name(served.name);
  response.add_versions(served.version);
  response.set_platform("iris-predictor_linear_svm");
  auto& input = *response.add_inputs();
  input.set_name(kInputName);
  input.set_datatype("FP64");
  input.add_shape(-1);
  input.add_shape(static_cast<std::int64_t>(model.feature_count()));
  for (std::size_t i = 0; i < kOutputKinds; ++i) {
    const auto kind = static_cast<OutputKind>(i);
    auto& output = *response.add_outputs();
    output.set_name(std::string(OutputName(kind)));
    output.set_datatype(std::string(OutputDatatype(kind)));
    for (const std::int64_t size : OutputShape(kind, model, -1)) output.add_shape(size);
  }
  return response;
}

}  // namespace iris
