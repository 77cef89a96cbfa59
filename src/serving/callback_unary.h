// SPDX-License-Identifier: Apache-2.0
//
// How a unary method is driven by gRPC's callback API; what the method does is a plain function that returns a Result.
// The service registers it as a raw method (WithRawCallbackMethod_...), because to bytes that are no message gRPC's
// typed callback API answers UNIMPLEMENTED, as if the method were not there.

#pragma once

#include <grpcpp/impl/serialization_traits.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <string>
#include <type_traits>

#include "src/base/error.h"
#include "src/serving/status.h"

namespace iris {

/// Reads `message` from `bytes`; false when they are no such message, or there are none at all.
template <typename Message>
bool Decode(const grpc::ByteBuffer& bytes, Message& message) {
  grpc::Slice slice;
  // The first shares the bytes, when they lie in one piece, as those of a small request do; the second copies.
  if (!bytes.TrySingleSlice(&slice).ok() && !bytes.DumpToSingleSlice(&slice).ok()) return false;
  return message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
}

/// Runs `method`, a function from `const Request&` to Result<Reply>, on the request in `bytes`; writes its reply.
/// Errors: the method's; INVALID_ARGUMENT when the bytes are no Request.
template <typename Request, typename Method>
grpc::Status RunUnary(const grpc::ByteBuffer& bytes, grpc::ByteBuffer& reply_bytes, const Method& method) {
  Request request;
  if (!Decode(bytes, request)) {
    return ToGrpcStatus({ErrorCode::kInvalidArgument, "the bytes sent are not a " + request.GetTypeName() +
                                                          " message; call with stubs made from this service's .proto"});
  }
  const auto reply = method(request);
  if (!reply) return ToGrpcStatus(reply.error());
  using Reply = std::remove_cvref_t<decltype(*reply)>;
  bool own = false;
  return grpc::SerializationTraits<Reply>::Serialize(*reply, &reply_bytes, &own);
}

/// Answers the call of `context` at once with RunUnary.
template <typename Request, typename Method>
grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext& context, const grpc::ByteBuffer& request,
                                 grpc::ByteBuffer& reply, const Method& method) {
  grpc::ServerUnaryReactor* const reactor = context.DefaultReactor();
  reactor->Finish(RunUnary<Request>(request, reply, method));
  return reactor;
}

}  // namespace iris
