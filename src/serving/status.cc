// SPDX-License-Identifier: Apache-2.0

#include "src/serving/status.h"

namespace iris {
namespace {

grpc::StatusCode ToGrpcCode(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case ErrorCode::kFailedPrecondition:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case ErrorCode::kUnavailable:
      return grpc::StatusCode::UNAVAILABLE;
    case ErrorCode::kCheckFailed:
    case ErrorCode::kBadData:
    case ErrorCode::kIo:
    case ErrorCode::kConfiguration:
      return grpc::StatusCode::INTERNAL;
  }
  return grpc::StatusCode::INTERNAL;
}

}  // namespace

grpc::Status ToGrpcStatus(const Error& error) { return {ToGrpcCode(error.code), error.message}; }

}  // namespace iris
