// SPDX-License-Identifier: Apache-2.0

#include "src/inference/rpc_status.h"

#include "google/rpc/error_details.pb.h"

namespace iris {
namespace {

int ToRpcCode(ErrorCode code) {
  switch (code) {
    case ErrorCode::kCancelled:
      return 1;  // CANCELLED
    case ErrorCode::kInvalidArgument:
      return 3;  // INVALID_ARGUMENT
    case ErrorCode::kNotFound:
      return 5;  // NOT_FOUND
    case ErrorCode::kTooLarge:
      return 8;  // RESOURCE_EXHAUSTED
    case ErrorCode::kFailedPrecondition:
      return 9;  // FAILED_PRECONDITION
    case ErrorCode::kUnimplemented:
      return 12;  // UNIMPLEMENTED
    case ErrorCode::kUnavailable:
      return 14;  // UNAVAILABLE
    case ErrorCode::kCheckFailed:
    case ErrorCode::kBadData:
    case ErrorCode::kInUse:
    case ErrorCode::kIo:
    case ErrorCode::kConfiguration:
      break;
  }
  return 13;  // INTERNAL, left for what no request can cause
}

}  // namespace

google::rpc::Status ToRpcStatus(const Error& error) {
  google::rpc::Status status;
  status.set_code(ToRpcCode(error.code));
  status.set_message(error.message);
  if (error.violations.empty()) return status;
  google::rpc::BadRequest bad_request;
  for (const FieldViolation& violation : error.violations) {
    auto& listed = *bad_request.add_field_violations();
    listed.set_field(violation.field);
    listed.set_description(violation.description);
  }
  status.add_details()->PackFrom(bad_request);
  return status;
}

}  // namespace iris
