// SPDX-License-Identifier: Apache-2.0

#include "src/serving/reflection.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "src/serving/reflection_answers.h"

namespace iris {
namespace {

using google::protobuf::DescriptorPool;
using grpc::reflection::v1::ServerReflectionRequest;

// Answers in the types of v1 whichever version is spoken: v1alpha differs in the name of its package alone, which no
// message carries, so the bytes are the same.
StreamTask AnswerAll(Stream& stream, std::string_view package, const std::vector<std::string>& services) {
  ReflectionAnswers answers(*DescriptorPool::generated_pool(), services);
  while (const Bytes bytes = co_await stream.Read()) {
    ServerReflectionRequest request;
    if (!Parse(bytes, request)) co_return NotAMessage(bytes, std::string(package) + ".ServerReflectionRequest");
    if (!co_await stream.Write(Serialize(answers.Answer(std::move(request))))) {
      co_return Fail(ErrorCode::kCancelled, "the caller went away");
    }
  }
  co_return Result<void>();
}

StreamMethod Method(std::string_view package, const std::vector<std::string>& services) {
  return {.path = "/" + std::string(package) + ".ServerReflection/ServerReflectionInfo",
          .run = [package, services](Stream& stream) { return AnswerAll(stream, package, services); },
          .holds_drain = false};
}

}  // namespace

void AddReflection(Methods& methods, std::vector<std::string> services) {
  std::sort(services.begin(), services.end());
  // The files of the other services are linked, and so described, because their messages are used; v1alpha's are not.
  google::protobuf::LinkMessageReflection<grpc::reflection::v1alpha::ServerReflectionRequest>();
  methods.streams.push_back(Method("grpc.reflection.v1", services));
  methods.streams.push_back(Method("grpc.reflection.v1alpha", services));
}

}  // namespace iris
