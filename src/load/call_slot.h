// SPDX-License-Identifier: Apache-2.0
//
// A place for one call at a time, used again and again: the call's operations and all memory around it are made once.

#pragma once

#include <grpc/grpc.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <string>

#include "src/load/channel.h"
#include "src/load/schedule.h"
#include "src/rpc/bytes.h"

namespace iris {

/// Its address is the completion queue's tag. A call is started by whoever has the slot; from then on it belongs to the
/// queue's thread, until that has called Finish and passes it on.
class CallSlot {
 public:
  /// `channel` and `queue` must outlive it.
  CallSlot(const LoadChannel& channel, grpc_completion_queue* queue);
  CallSlot(const CallSlot&) = delete;
  CallSlot& operator=(const CallSlot&) = delete;
  ~CallSlot();

  /// Which question is on its way, from when its latency counts, and whether it is measured: the user's.
  struct Errand {
    std::size_t question = 0;
    LoadClock::time_point since{};
    bool measured = false;
  };
  Errand errand{};

  /// Sends `question` as a call at `now`. One event at the queue tells that it is over.
  void Start(const Bytes& question, LoadClock::time_point now);

  /// Takes the call's end from its event. Then status(), text() and answer() hold until the next Start.
  void Finish();
  grpc_status_code status() const { return status_; }
  std::string text() const;           ///< The status's.
  const Bytes& answer() const { return answer_; }

  /// Ends a call that was started at `limit` or before. On the queue's thread.
  void CancelIfStartedBy(LoadClock::time_point limit, grpc_status_code status, const char* text);

 private:
  const LoadChannel& channel_;
  grpc_completion_queue* const queue_;
  std::array<grpc_op, 6> operations_{};
  grpc_byte_buffer* const sent_;         // emptied by each call
  grpc_byte_buffer* received_ = nullptr;
  grpc_metadata_array initial_{};
  grpc_metadata_array trailing_{};
  grpc_status_code status_ = GRPC_STATUS_UNKNOWN;
  grpc_slice details_{};
  Bytes answer_;
  LoadClock::time_point started_{};
  std::atomic<grpc_call*> call_ = nullptr;  // null: nothing under way
};

}  // namespace iris
