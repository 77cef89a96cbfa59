// SPDX-License-Identifier: Apache-2.0

#include "src/load/call_slot.h"

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <grpc/slice_buffer.h>
#include <grpc/support/log.h>

#include "src/rpc/queue_order.h"

namespace iris {

CallSlot::CallSlot(const LoadChannel& channel, grpc_completion_queue* queue)
    : channel_(channel), queue_(queue), sent_(grpc_raw_byte_buffer_create(nullptr, 0)), details_(grpc_empty_slice()) {
  grpc_metadata_array_init(&initial_);
  grpc_metadata_array_init(&trailing_);
  operations_[0].op = GRPC_OP_SEND_INITIAL_METADATA;
  operations_[1].op = GRPC_OP_SEND_MESSAGE;
  operations_[1].data.send_message.send_message = sent_;
  operations_[2].op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
  operations_[3].op = GRPC_OP_RECV_INITIAL_METADATA;
  operations_[3].data.recv_initial_metadata.recv_initial_metadata = &initial_;
  operations_[4].op = GRPC_OP_RECV_MESSAGE;
  operations_[4].data.recv_message.recv_message = &received_;
  operations_[5].op = GRPC_OP_RECV_STATUS_ON_CLIENT;
  operations_[5].data.recv_status_on_client.trailing_metadata = &trailing_;
  operations_[5].data.recv_status_on_client.status = &status_;
  operations_[5].data.recv_status_on_client.status_details = &details_;
}

CallSlot::~CallSlot() {
  grpc_slice_unref(details_);
  grpc_metadata_array_destroy(&trailing_);
  grpc_metadata_array_destroy(&initial_);
  grpc_byte_buffer_destroy(sent_);
}

void CallSlot::Start(const Bytes& question, LoadClock::time_point now) {
  started_ = now;
  grpc_slice_unref(details_);
  details_ = grpc_empty_slice();
  grpc_slice_buffer_add(&sent_->data.raw.slice_buffer,
                        grpc_slice_ref(question.get()->data.raw.slice_buffer.slices[0]));
  grpc_call* const call = channel_.MakeCall(queue_);
  call_.store(call, std::memory_order_release);
  BeforeStart(this);
  const grpc_call_error error = grpc_call_start_batch(call, operations_.data(), operations_.size(), this, nullptr);
  GPR_ASSERT(error == GRPC_CALL_OK);  // anything else is a bug of ours
}

void CallSlot::Finish() {
  answer_ = Bytes(received_);
  received_ = nullptr;
  initial_.count = 0;  // gRPC adds to what is there; what it added is the call's
  trailing_.count = 0;
  grpc_call_unref(call_.exchange(nullptr, std::memory_order_acquire));
}

std::string CallSlot::text() const {
  return {reinterpret_cast<const char*>(GRPC_SLICE_START_PTR(details_)), GRPC_SLICE_LENGTH(details_)};
}

void CallSlot::CancelIfStartedBy(LoadClock::time_point limit, grpc_status_code status, const char* text) {
  grpc_call* const call = call_.load(std::memory_order_acquire);
  if (call != nullptr && started_ <= limit) grpc_call_cancel_with_status(call, status, text, nullptr);
}

}  // namespace iris
