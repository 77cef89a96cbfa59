// SPDX-License-Identifier: Apache-2.0

#include "src/cli/embedded_files.h"

#include <zlib.h>

#include <array>
#include <cassert>
#include <cstddef>

#include "src/cli/completion.h"
#include "src/cli/man_page.h"

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
#define IRIS_EMBEDDED(symbol)               \
  extern const char symbol[];               \
  extern const std::size_t symbol##_size;   \
  extern const std::size_t symbol##_inflated_size
IRIS_EMBEDDED(compose);
IRIS_EMBEDDED(kubernetes_iris_predictor);
IRIS_EMBEDDED(kubernetes_kserve);
IRIS_EMBEDDED(licenses_own);
IRIS_EMBEDDED(licenses_third_party);
IRIS_EMBEDDED(sbom);
IRIS_EMBEDDED(systemd_service);
IRIS_EMBEDDED(systemd_socket);
#undef IRIS_EMBEDDED
}  // namespace embedded

std::string WholeText(const EmbeddedFile& file) {
  if (file.make != nullptr) return file.make();
  if (file.inflated_size == 0) return std::string(file.text);
  std::string text(file.inflated_size, '\0');
  uLongf size = file.inflated_size;
  const int result = uncompress(reinterpret_cast<Bytef*>(text.data()), &size,
                                reinterpret_cast<const Bytef*>(file.text.data()), file.text.size());
  assert(result == Z_OK && size == file.inflated_size);  // what the build deflated
  (void)result;
  return text;
}

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

std::span<const EmbeddedFile> EmbeddedCompose() {
  using namespace embedded;
  static const std::array kFiles = {EmbeddedFile{"compose.yaml", {compose, compose_size}, compose_inflated_size}};
  return kFiles;
}

std::span<const EmbeddedFile> EmbeddedKubernetes() {
  using namespace embedded;
  static const std::array kFiles = {
      EmbeddedFile{"iris-predictor.yaml",
                   {kubernetes_iris_predictor, kubernetes_iris_predictor_size},
                   kubernetes_iris_predictor_inflated_size},
      EmbeddedFile{"kserve.yaml", {kubernetes_kserve, kubernetes_kserve_size}, kubernetes_kserve_inflated_size},
  };
  return kFiles;
}

std::span<const EmbeddedFile> EmbeddedCompletions() {
  static constexpr std::array kFiles = {EmbeddedFile{.path = "bash", .text = {}, .make = BashCompletion},
                                        EmbeddedFile{.path = "zsh", .text = {}, .make = ZshCompletion},
                                        EmbeddedFile{.path = "fish", .text = {}, .make = FishCompletion}};
  return kFiles;
}

std::span<const EmbeddedFile> EmbeddedManual() {
  static constexpr std::array kFiles = {EmbeddedFile{.path = "iris-predictor.1", .text = {}, .make = ManPage}};
  return kFiles;
}

std::span<const EmbeddedFile> EmbeddedLicenses() {
  using namespace embedded;
  static const std::array kFiles = {
      EmbeddedFile{"LICENSE", {licenses_own, licenses_own_size}, licenses_own_inflated_size},
      EmbeddedFile{"THIRD_PARTY_NOTICES.txt",
                   {licenses_third_party, licenses_third_party_size},
                   licenses_third_party_inflated_size},
  };
  return kFiles;
}

std::span<const EmbeddedFile> EmbeddedSbom() {
  using namespace embedded;
  static const std::array kFiles = {EmbeddedFile{"iris-predictor.cdx.json", {sbom, sbom_size}, sbom_inflated_size}};
  return kFiles;
}

std::span<const EmbeddedFile> EmbeddedUnit() {
  using namespace embedded;
  static const std::array kFiles = {
      EmbeddedFile{"iris-predictor.service", {systemd_service, systemd_service_size}, systemd_service_inflated_size}};
  return kFiles;
}

std::span<const EmbeddedFile> EmbeddedSocket() {
  using namespace embedded;
  static const std::array kFiles = {
      EmbeddedFile{"iris-predictor.socket", {systemd_socket, systemd_socket_size}, systemd_socket_inflated_size}};
  return kFiles;
}

}  // namespace iris
