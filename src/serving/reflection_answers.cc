// SPDX-License-Identifier: Apache-2.0

#include "src/serving/reflection_answers.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "src/base/text.h"

namespace iris {

using grpc::reflection::v1::ErrorResponse;
using grpc::reflection::v1::ExtensionNumberResponse;
using grpc::reflection::v1::ExtensionRequest;
using grpc::reflection::v1::FileDescriptorResponse;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

namespace {

// Source: https://github.com/grpc/grpc/blob/master/doc/statuscodes.md
constexpr int kStatusNotFound = 5;
constexpr int kStatusUnimplemented = 12;

std::unexpected<Error> NotFound(std::string what) {
  return Fail(ErrorCode::kNotFound, std::move(what) + "; list_services names what to start from");
}

void SetError(ServerReflectionResponse& response, int code, const std::string& message) {
  ErrorResponse& error = *response.mutable_error_response();
  error.set_error_code(code);
  error.set_error_message(message);
}

}  // namespace

ServerReflectionResponse ReflectionAnswers::Answer(ServerReflectionRequest request) {
  ServerReflectionResponse response;
  if (request.message_request_case() == ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET) {
    // Or of a kind that some later protocol has: that looks the same.
    SetError(response, kStatusUnimplemented,
             "found no question that this server knows, expected file_by_filename, file_containing_symbol, "
             "file_containing_extension, all_extension_numbers_of_type or list_services");
  } else if (const Result<void> filled = Fill(request, response); !filled) {
    SetError(response, kStatusNotFound, filled.error().message);
  }
  response.set_valid_host(request.host());
  *response.mutable_original_request() = std::move(request);
  return response;
}

Result<void> ReflectionAnswers::Fill(const ServerReflectionRequest& request, ServerReflectionResponse& response) {
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kFileByFilename:
      return AddFiles(FileByName(request.file_by_filename()), *response.mutable_file_descriptor_response());
    case ServerReflectionRequest::kFileContainingSymbol:
      return AddFiles(FileContaining(request.file_containing_symbol()), *response.mutable_file_descriptor_response());
    case ServerReflectionRequest::kFileContainingExtension:
      return AddFiles(FileContaining(request.file_containing_extension()),
                      *response.mutable_file_descriptor_response());
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      return AddExtensionNumbers(request.all_extension_numbers_of_type(),
                                 *response.mutable_all_extension_numbers_response());
    case ServerReflectionRequest::kListServices:
      for (const std::string& service : services_) {
        response.mutable_list_services_response()->add_service()->set_name(service);
      }
      return {};
    case ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
      break;
  }
  return {};
}

Result<const ReflectionAnswers::File*> ReflectionAnswers::FileByName(const std::string& name) const {
  const File* const file = files_.FindFile(name);
  if (file == nullptr) return NotFound("there is no file " + Quote(name) + " here");
  return file;
}

Result<const ReflectionAnswers::File*> ReflectionAnswers::FileContaining(const std::string& symbol) const {
  const File* const file = files_.FindSymbol(symbol);
  if (file != nullptr) return file;
  if (files_.HasPackage(symbol)) return NotFound(Quote(symbol) + " is a package, expected a symbol in it");
  return NotFound("there is no symbol " + Quote(symbol) + " here");
}

Result<const ReflectionAnswers::File*> ReflectionAnswers::FileContaining(const ExtensionRequest& extension) const {
  const std::string& type = extension.containing_type();
  if (!files_.HasMessage(type)) return NotFound("there is no message type " + Quote(type) + " here");
  const File* const file = files_.FindExtension(type, extension.extension_number());
  if (file == nullptr) {
    return NotFound("message type " + Quote(type) + " has no extension " +
                    std::to_string(extension.extension_number()) + " here");
  }
  return file;
}

Result<void> ReflectionAnswers::AddExtensionNumbers(const std::string& type, ExtensionNumberResponse& response) const {
  if (!files_.HasMessage(type)) return NotFound("there is no message type " + Quote(type) + " here");
  response.set_base_type_name(type);
  for (const std::int32_t number : files_.ExtensionNumbers(type)) response.add_extension_number(number);
  return {};
}

Result<void> ReflectionAnswers::AddFiles(Result<const File*> file, FileDescriptorResponse& response) {
  if (!file) return std::unexpected(file.error());
  sent_.erase(*file);  // clients refuse an answer without the file that they asked for
  std::vector<const File*> waiting = {*file};
  while (!waiting.empty()) {
    const File* const next = waiting.back();
    waiting.pop_back();
    if (!sent_.insert(next).second) continue;
    response.add_file_descriptor_proto(next->bytes.data(), next->bytes.size());
    for (const std::string_view import : next->imports) waiting.push_back(files_.FindFile(import));
  }
  return {};
}

}  // namespace iris
