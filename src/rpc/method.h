// SPDX-License-Identifier: Apache-2.0
//
// What a server serves: a list of methods. A unary one is a plain function from a message to a Result; a stream is a
// coroutine that reads and writes messages. Neither knows how calls are driven.

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/rpc/bytes.h"
#include "src/rpc/call_context.h"
#include "src/rpc/call_observer.h"
#include "src/rpc/stream.h"

namespace iris {

/// Answers one call. Safe from several threads at once.
using UnaryFunction = std::function<Result<Bytes>(const Bytes& request, const CallContext& context)>;

/// Drives one stream; the coroutine's result is the status. The function itself is kept for as long as the server is.
using StreamFunction = std::function<StreamTask(Stream& stream)>;

struct UnaryMethod {
  std::string path;  ///< "/ml.IrisPredictor/PredictIrisSpecies"
  UnaryFunction answer;
};

struct StreamMethod {
  std::string path;
  StreamFunction run;
  /// Whether a server that drains waits for such a stream. Not for those that are only ever ended by the caller.
  bool holds_drain = true;
  MethodType type = MethodType::kBidiStream;  ///< For observers.
};

/// The methods of a server.
struct Methods {
  std::vector<UnaryMethod> unary;
  std::vector<StreamMethod> streams;
  /// From how many bytes on a message is worked on elsewhere than where others wait (long_message.h), at the time; empty:
  /// always kLongMessage. Safe from several threads at once.
  std::function<std::size_t()> long_message;
};

/// The refusal of bytes that are no message of the type, or of a call that ended without any.
inline std::unexpected<Error> NotAMessage(const Bytes& bytes, const std::string& type_name) {
  if (!bytes) {
    return Fail(ErrorCode::kInvalidArgument, "the call ended without a message, expected one " + type_name);
  }
  return Fail(ErrorCode::kInvalidArgument,
              "the bytes sent are not a " + type_name + " message; call with stubs made from this service's .proto");
}

/// A unary method over messages: `function` takes (const Request&, const CallContext&) and returns Result<Reply>.
/// Errors of the method: the function's; INVALID_ARGUMENT when the bytes are no Request.
template <typename Request, typename Function>
UnaryMethod MakeUnary(std::string path, Function function) {
  return {std::move(path), [function = std::move(function)](const Bytes& bytes, const CallContext& context) -> Result<Bytes> {
            Request request;
            if (!Parse(bytes, request)) return NotAMessage(bytes, request.GetTypeName());
            const auto reply = function(std::as_const(request), context);
            if (!reply) return std::unexpected(reply.error());
            return Serialize(*reply);
          }};
}

}  // namespace iris
