// SPDX-License-Identifier: Apache-2.0
//
// The one error type of the whole program. Every function that can fail returns Result<T>; nothing throws across a
// function of ours. One function turns an Error into an exit code (cli/exit_code.h), one into a gRPC status
// (serving/status.h).

#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace iris {

/// What kind of failure it was; decides exit code and gRPC status, never the wording.
enum class ErrorCode {
  kCheckFailed,         ///< a check ran and said no (exit 1)
  kInvalidArgument,     ///< the caller's request or command line is wrong (exit 64)
  kBadData,             ///< a data or model file holds something it must not (exit 65)
  kFailedPrecondition,  ///< the model at hand cannot do what is asked of it (exit 65)
  kNotFound,            ///< what the caller's request names is not here (exit 64)
  kTooLarge,            ///< what is asked for is beyond a limit (exit 64)
  kUnimplemented,       ///< the caller wants what is not offered (exit 64)
  kCancelled,           ///< the caller gave up while the work was under way (exit 69)
  kUnavailable,         ///< a server could not be reached or gave up (exit 69)
  kInUse,               ///< an address that another process has (exit 74)
  kIo,                  ///< the operating system refused to read, write or listen (exit 74)
  kConfiguration,       ///< a setting makes no sense or cannot be honoured (exit 78)
};

/// One thing wrong with one field of a request.
struct FieldViolation {
  std::string field;        ///< Its path in the request: "sepal_length", "inputs[0].shape".
  std::string description;  ///< What was found and what was expected.

  friend bool operator==(const FieldViolation&, const FieldViolation&) = default;
};

/// A failure: its kind, and one sentence for a person that says what was found and what to do.
struct Error {
  ErrorCode code;
  std::string message;
  std::vector<FieldViolation> violations{};  ///< For a program; the message says the same. Only with a request at fault.

  friend bool operator==(const Error&, const Error&) = default;
};

/// The value, or why there is none.
template <typename T>
using Result = std::expected<T, Error>;

/// Shorthand for returning an error: `return Fail(ErrorCode::kIo, "...");`
inline std::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message), {}});
}

}  // namespace iris
