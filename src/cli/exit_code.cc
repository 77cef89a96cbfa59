// SPDX-License-Identifier: Apache-2.0

#include "src/cli/exit_code.h"

namespace iris {

ExitCode ToExitCode(ErrorCode code) {
  switch (code) {
    case ErrorCode::kCheckFailed:
      return ExitCode::kCheckFailed;
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kTooLarge:
    case ErrorCode::kUnimplemented:
      return ExitCode::kUsage;
    case ErrorCode::kBadData:
    case ErrorCode::kFailedPrecondition:
      return ExitCode::kBadData;
    case ErrorCode::kCancelled:
    case ErrorCode::kUnavailable:
      return ExitCode::kUnavailable;
    case ErrorCode::kInUse:
    case ErrorCode::kIo:
      return ExitCode::kIo;
    case ErrorCode::kConfiguration:
      return ExitCode::kConfiguration;
  }
  return ExitCode::kIo;  // no such code: the switch above names them all, and the compiler checks it
}

}  // namespace iris
