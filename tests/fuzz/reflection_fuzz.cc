// SPDX-License-Identifier: Apache-2.0
//
// Server reflection: the questions of one call, each with its length in two bytes before it. Every one has an answer
// that repeats it; files that are sent parse, and the one that was asked for comes every time.

#include <google/protobuf/descriptor.pb.h>

#include <cstddef>
#include <string>
#include <vector>

#include "grpc/reflection/v1/reflection.pb.h"
#include "src/serving/described_files.h"
#include "src/serving/reflection_answers.h"
#include "tests/fuzz/fuzz.h"

namespace iris::embedded {
extern const char served_files[];
extern const std::size_t served_files_size;
}  // namespace iris::embedded

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iris;
  using grpc::reflection::v1::ServerReflectionRequest;
  using grpc::reflection::v1::ServerReflectionResponse;
  static const DescribedFiles files =
      DescribedFiles::Read({embedded::served_files, embedded::served_files_size}).value();
  static const std::vector<std::string> services = {"inference.GRPCInferenceService", "iris.v1.PredictionService",
                                                    "ml.IrisPredictor"};
  ReflectionAnswers answers(files, services);
  while (size >= 2) {
    const std::size_t length = std::min<std::size_t>(std::size_t{data[0]} << 8 | data[1], size - 2);
    ServerReflectionRequest request;
    const bool parsed = request.ParseFromArray(data + 2, static_cast<int>(length));
    data += 2 + length;
    size -= 2 + length;
    if (!parsed) continue;
    const ServerReflectionResponse answer = answers.Answer(request);
    fuzz::Require(answer.original_request().SerializeAsString() == request.SerializeAsString(), "repeats the question");
    fuzz::Require(answer.message_response_case() != ServerReflectionResponse::MESSAGE_RESPONSE_NOT_SET, "an answer");
    if (answer.has_error_response()) fuzz::RequireMessage(answer.error_response().error_message());
    for (const std::string& bytes : answer.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      fuzz::Require(file.ParseFromString(bytes), "a file parses");
    }
    if (answer.has_file_descriptor_response()) {
      fuzz::Require(answer.file_descriptor_response().file_descriptor_proto_size() > 0,
                    "a file, at least the one asked for");
    }
    if (request.message_request_case() == ServerReflectionRequest::kListServices) {
      fuzz::Require(answer.list_services_response().service_size() == static_cast<int>(services.size()),
                    "all services");
    }
  }
  return 0;
}
