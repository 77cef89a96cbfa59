// SPDX-License-Identifier: Apache-2.0

#include "src/serving/reflection.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "grpc/reflection/v1/reflection.pb.h"
#include "src/serving/described_files.h"
#include "src/serving/reflection_answers.h"

namespace iris {

namespace embedded {
extern const char served_files[];
extern const std::size_t served_files_size;
}  // namespace embedded

namespace {

using grpc::reflection::v1::ServerReflectionRequest;

// What all calls share.
struct Described {
  DescribedFiles files;
  std::vector<std::string> services;
};

// Answers in the types of v1 whichever version is spoken: v1alpha differs in the name of its package alone, which no
// message carries, so the bytes are the same.
StreamTask AnswerAll(Stream& stream, std::string_view package, const Described& described) {
  ReflectionAnswers answers(described.files, described.services);
  while (const Bytes bytes = co_await stream.Read()) {
    ServerReflectionRequest request;
    if (!Parse(bytes, request)) co_return NotAMessage(bytes, std::string(package) + ".ServerReflectionRequest");
    if (!co_await stream.Write(Serialize(answers.Answer(std::move(request))))) {
      co_return Fail(ErrorCode::kCancelled, "the caller went away");
    }
  }
  co_return Result<void>();
}

StreamMethod Method(std::string_view package, std::shared_ptr<const Described> described) {
  return {.path = "/" + std::string(package) + ".ServerReflection/ServerReflectionInfo",
          .run = [package, described](Stream& stream) { return AnswerAll(stream, package, *described); },
          .holds_drain = false};
}

}  // namespace

void AddReflection(Methods& methods, std::vector<std::string> services) {
  std::sort(services.begin(), services.end());
  Result<DescribedFiles> files = DescribedFiles::Read({embedded::served_files, embedded::served_files_size});
  assert(files);  // protoc wrote it
  const auto described = std::make_shared<const Described>(*std::move(files), std::move(services));
  methods.streams.push_back(Method("grpc.reflection.v1", described));
  methods.streams.push_back(Method("grpc.reflection.v1alpha", described));
}

}  // namespace iris
