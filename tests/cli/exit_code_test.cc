// SPDX-License-Identifier: Apache-2.0

#include "src/cli/exit_code.h"

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

TEST_CASE("each kind of failure has its documented exit code", "[exit_code]") {
  CHECK(static_cast<int>(ToExitCode(ErrorCode::kCheckFailed)) == 1);
  CHECK(static_cast<int>(ToExitCode(ErrorCode::kInvalidArgument)) == 64);
  CHECK(static_cast<int>(ToExitCode(ErrorCode::kBadData)) == 65);
  CHECK(static_cast<int>(ToExitCode(ErrorCode::kFailedPrecondition)) == 65);
  CHECK(static_cast<int>(ToExitCode(ErrorCode::kNotFound)) == 64);
  CHECK(static_cast<int>(ToExitCode(ErrorCode::kTooLarge)) == 64);
  CHECK(static_cast<int>(ToExitCode(ErrorCode::kCancelled)) == 69);
  CHECK(static_cast<int>(ToExitCode(ErrorCode::kUnavailable)) == 69);
  CHECK(static_cast<int>(ToExitCode(ErrorCode::kIo)) == 74);
  CHECK(static_cast<int>(ToExitCode(ErrorCode::kConfiguration)) == 78);
}

}  // namespace
}  // namespace iris
