// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/status.h"

#include <cstddef>

#include "src/base/text.h"
#include "src/inference/rpc_status.h"

namespace iris {
namespace {

constexpr std::size_t kMostMessageBytes = 1024;
constexpr std::size_t kMostDetailBytes = 3072;  // 4 KiB in base64
constexpr std::size_t kViolationOverhead = 8;   // tags and lengths

// The first `most` bytes of `text`, less what would leave a character in pieces.
std::string Cut(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  std::string cut = text.substr(0, most - 3);
  while (!cut.empty() && !IsUtf8(cut)) cut.pop_back();
  return cut + "...";
}

// `error` with a message and a list of violations that fit.
Error Cut(const Error& error) {
  Error cut{error.code, Cut(error.message, kMostMessageBytes), {}};
  std::size_t bytes = cut.message.size();
  for (const FieldViolation& violation : error.violations) {
    bytes += violation.field.size() + violation.description.size() + kViolationOverhead;
    if (bytes > kMostDetailBytes) break;
    cut.violations.push_back(violation);
  }
  return cut;
}

}  // namespace

CallStatus ToCallStatus(const Error& error) {
  const Error cut = Cut(error);
  const google::rpc::Status details = ToRpcStatus(cut);
  CallStatus status{static_cast<grpc_status_code>(details.code()), cut.message, {}};
  if (!cut.violations.empty()) status.details = details.SerializeAsString();
  return status;
}

}  // namespace iris
