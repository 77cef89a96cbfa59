// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/batch.h"

#include <grpc/slice.h>
#include <grpc/support/log.h>

#include "src/rpc/queue_order.h"

namespace iris {

grpc_op& Batch::Add(grpc_op_type type) {
  grpc_op& op = ops_.at(count_++);
  op.op = type;
  return op;
}

Batch& Batch::SendInitialMetadata(bool compress) {
  grpc_op& op = Add(GRPC_OP_SEND_INITIAL_METADATA);
  if (compress) op.data.send_initial_metadata.maybe_compression_level = {1, GRPC_COMPRESS_LEVEL_LOW};
  return *this;
}

Batch& Batch::SendMessage(const Bytes& message) {
  Add(GRPC_OP_SEND_MESSAGE).data.send_message.send_message = message.get();
  return *this;
}

Batch& Batch::SendStatus(const CallStatus& status) {
  grpc_op& op = Add(GRPC_OP_SEND_STATUS_FROM_SERVER);
  auto& send = op.data.send_status_from_server;
  send.status = status.code;
  if (!status.message.empty()) {
    message_ = grpc_slice_from_static_buffer(status.message.data(), status.message.size());
    send.status_details = &message_;
  }
  if (!status.details.empty()) {
    details_.key = grpc_slice_from_static_string("grpc-status-details-bin");
    details_.value = grpc_slice_from_copied_buffer(status.details.data(), status.details.size());
    send.trailing_metadata = &details_;
    send.trailing_metadata_count = 1;
  }
  return *this;
}

Batch& Batch::ReceiveMessage(grpc_byte_buffer** message) {
  Add(GRPC_OP_RECV_MESSAGE).data.recv_message.recv_message = message;
  return *this;
}

Batch& Batch::ReceiveClose(int* cancelled) {
  Add(GRPC_OP_RECV_CLOSE_ON_SERVER).data.recv_close_on_server.cancelled = cancelled;
  return *this;
}

void Batch::Start(grpc_call* call, Event* event) {
  BeforeStart(event);
  const grpc_call_error error = grpc_call_start_batch(call, ops_.data(), count_, event, nullptr);
  GPR_ASSERT(error == GRPC_CALL_OK);  // anything else is a bug of ours
  grpc_slice_unref(details_.value);
}

}  // namespace iris
