// SPDX-License-Identifier: Apache-2.0

#include "src/inference/rpc_status.h"

#include <tuple>

#include "catch_amalgamated.hpp"
#include "google/rpc/error_details.pb.h"

namespace iris {
namespace {

TEST_CASE("every kind of error has its number, and the message goes along") {
  const auto [code, number] = GENERATE(table<ErrorCode, int>({
      {ErrorCode::kCancelled, 1},
      {ErrorCode::kInvalidArgument, 3},
      {ErrorCode::kNotFound, 5},
      {ErrorCode::kTooLarge, 8},
      {ErrorCode::kFailedPrecondition, 9},
      {ErrorCode::kCheckFailed, 13},
      {ErrorCode::kBadData, 13},
      {ErrorCode::kIo, 13},
      {ErrorCode::kConfiguration, 13},
      {ErrorCode::kUnavailable, 14},
  }));
  const google::rpc::Status status = ToRpcStatus({code, "why", {}});
  CHECK(status.code() == number);
  CHECK(status.message() == "why");
  CHECK(status.details().empty());
}

TEST_CASE("violations come as one BadRequest") {
  const google::rpc::Status status =
      ToRpcStatus({ErrorCode::kInvalidArgument, "why", {{"a", "is wrong"}, {"b[1]", "too"}}});
  REQUIRE(status.details_size() == 1);
  CHECK(status.details(0).type_url() == "type.googleapis.com/google.rpc.BadRequest");
  google::rpc::BadRequest bad_request;
  REQUIRE(status.details(0).UnpackTo(&bad_request));
  REQUIRE(bad_request.field_violations_size() == 2);
  CHECK(bad_request.field_violations(0).field() == "a");
  CHECK(bad_request.field_violations(0).description() == "is wrong");
  CHECK(bad_request.field_violations(1).field() == "b[1]");
}

}  // namespace
}  // namespace iris
