// SPDX-License-Identifier: Apache-2.0

#include "src/cli/embedded_files.h"

#include <array>
#include <cstddef>

namespace iris {

namespace embedded {  // made by iris_embed_file from proto/
#define IRIS_EMBEDDED(symbol) \
  extern const char symbol[]; \
  extern const std::size_t symbol##_size
IRIS_EMBEDDED(proto_iris);
IRIS_EMBEDDED(proto_inference_inference);
IRIS_EMBEDDED(proto_iris_v1_prediction);
IRIS_EMBEDDED(proto_google_rpc_error_details);
IRIS_EMBEDDED(proto_google_rpc_status);
IRIS_EMBEDDED(proto_grpc_health_v1_health);
IRIS_EMBEDDED(proto_grpc_reflection_v1_reflection);
IRIS_EMBEDDED(proto_grpc_reflection_v1alpha_reflection);
#undef IRIS_EMBEDDED
}  // namespace embedded

std::span<const EmbeddedFile> EmbeddedProtos() {
  using namespace embedded;
  static const std::array kFiles = {
      EmbeddedFile{"iris.proto", {proto_iris, proto_iris_size}},
      EmbeddedFile{"inference/inference.proto", {proto_inference_inference, proto_inference_inference_size}},
      EmbeddedFile{"iris/v1/prediction.proto", {proto_iris_v1_prediction, proto_iris_v1_prediction_size}},
      EmbeddedFile{"google/rpc/error_details.proto",
                   {proto_google_rpc_error_details, proto_google_rpc_error_details_size}},
      EmbeddedFile{"google/rpc/status.proto", {proto_google_rpc_status, proto_google_rpc_status_size}},
      EmbeddedFile{"grpc/health/v1/health.proto", {proto_grpc_health_v1_health, proto_grpc_health_v1_health_size}},
      EmbeddedFile{"grpc/reflection/v1/reflection.proto",
                   {proto_grpc_reflection_v1_reflection, proto_grpc_reflection_v1_reflection_size}},
      EmbeddedFile{"grpc/reflection/v1alpha/reflection.proto",
                   {proto_grpc_reflection_v1alpha_reflection, proto_grpc_reflection_v1alpha_reflection_size}},
  };
  return kFiles;
}

}  // namespace iris
