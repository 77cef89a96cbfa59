// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/status.h"

#include <string>
#include <utility>

#include "catch_amalgamated.hpp"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "src/base/text.h"

namespace iris {
namespace {

TEST_CASE("every kind of error has its code; what no request can cause is INTERNAL") {
  const auto [error, expected] = GENERATE(table<ErrorCode, grpc_status_code>({
      {ErrorCode::kInvalidArgument, GRPC_STATUS_INVALID_ARGUMENT},
      {ErrorCode::kNotFound, GRPC_STATUS_NOT_FOUND},
      {ErrorCode::kTooLarge, GRPC_STATUS_RESOURCE_EXHAUSTED},
      {ErrorCode::kFailedPrecondition, GRPC_STATUS_FAILED_PRECONDITION},
      {ErrorCode::kCancelled, GRPC_STATUS_CANCELLED},
      {ErrorCode::kUnavailable, GRPC_STATUS_UNAVAILABLE},
      {ErrorCode::kIo, GRPC_STATUS_INTERNAL},
      {ErrorCode::kBadData, GRPC_STATUS_INTERNAL},
      {ErrorCode::kCheckFailed, GRPC_STATUS_INTERNAL},
      {ErrorCode::kConfiguration, GRPC_STATUS_INTERNAL},
  }));
  const CallStatus status = ToCallStatus({error, "what went wrong", {}});
  CHECK(status.code == expected);
  CHECK(status.message == "what went wrong");
  CHECK(status.details.empty());
}

google::rpc::BadRequest Decode(const CallStatus& status) {
  google::rpc::Status details;
  REQUIRE(details.ParseFromString(status.details));
  CHECK(details.code() == status.code);
  CHECK(details.message() == status.message);
  REQUIRE(details.details_size() == 1);
  CHECK(details.details(0).type_url() == "type.googleapis.com/google.rpc.BadRequest");
  google::rpc::BadRequest bad_request;
  REQUIRE(details.details(0).UnpackTo(&bad_request));
  return bad_request;
}

TEST_CASE("violations go into a google.rpc.BadRequest") {
  const CallStatus status =
      ToCallStatus({ErrorCode::kInvalidArgument, "two things", {{"a", "is nan"}, {"inputs[0].shape", "is empty"}}});
  const google::rpc::BadRequest bad_request = Decode(status);
  REQUIRE(bad_request.field_violations_size() == 2);
  CHECK(bad_request.field_violations(0).field() == "a");
  CHECK(bad_request.field_violations(0).description() == "is nan");
  CHECK(bad_request.field_violations(1).field() == "inputs[0].shape");
}

TEST_CASE("a status fits into the 8 KiB of trailers that clients take, and stays UTF-8") {
  std::string message = "x";  // so that no boundary falls between characters by luck
  while (message.size() < 100'000) message += "\u00e9";
  Error error{ErrorCode::kInvalidArgument, message, {}};
  for (int i = 0; i < 1000; ++i) error.violations.push_back({"field_" + std::to_string(i), "is not what it should be"});
  const CallStatus status = ToCallStatus(error);
  CHECK(status.message.size() <= 1024);
  CHECK(status.message.ends_with("\u00e9..."));
  CHECK(IsUtf8(status.message));
  // grpc-message is percent-encoded, the details in base64.
  CHECK(3 * status.message.size() + status.details.size() * 4 / 3 < 8192 - 200);
  const google::rpc::BadRequest bad_request = Decode(status);
  CHECK(bad_request.field_violations_size() > 10);
  CHECK(bad_request.field_violations(0).field() == "field_0");
}

}  // namespace
}  // namespace iris
