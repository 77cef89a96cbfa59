// SPDX-License-Identifier: Apache-2.0
//
// One batch of operations on a call in gRPC's C interface, put together where it is started.

#pragma once

#include <grpc/grpc.h>

#include <array>
#include <cstddef>

#include "src/rpc/bytes.h"
#include "src/rpc/event.h"
#include "src/rpc/status.h"

namespace iris {

class Batch {
 public:
  /// Must come before the first message or the status. `compress`: what follows, with what the caller takes.
  Batch& SendInitialMetadata(bool compress);
  /// `message` must live until Start has returned.
  Batch& SendMessage(const Bytes& message);
  /// `status` must live until Start has returned.
  Batch& SendStatus(const CallStatus& status);
  Batch& ReceiveMessage(grpc_byte_buffer** message);
  /// `cancelled` is 0 afterwards when the call ended as the server wanted it to; otherwise 1, and where gRPC itself
  /// ended it with a status, 1 and that status (gRPC patch 0023; 1 in builds on a gRPC without it).
  Batch& ReceiveClose(int* cancelled);

  /// Starts it; `event` completes when all of it is done. Requires: no more than one batch of a kind at a time.
  void Start(grpc_call* call, Event* event);

 private:
  grpc_op& Add(grpc_op_type type);

  static constexpr std::size_t kMost = 4;
  std::array<grpc_op, kMost> ops_{};
  std::size_t count_ = 0;
  grpc_slice message_{};
  grpc_metadata details_{};
};

}  // namespace iris
