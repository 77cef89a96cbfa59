// SPDX-License-Identifier: Apache-2.0
//
// What the calls of one completion queue share, and how they are handed out. Everything here happens on the queue's one
// thread, except where it says otherwise.

#pragma once

#include <grpc/grpc.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <span>

#include "src/rpc/answer_memory.h"
#include "src/rpc/call_observer.h"
#include "src/rpc/event.h"
#include "src/rpc/workers.h"

namespace iris {

/// One completion queue of a server that runs.
struct CallQueue {
  grpc_server* server = nullptr;
  grpc_completion_queue* queue = nullptr;
  Workers* workers = nullptr;           ///< For calls too long for the queue's thread.
  const std::function<std::size_t()>* long_message = nullptr;  ///< Of Methods.
  std::size_t max_message_bytes = 0;      ///< Of a request, however it is compressed.
  AnswerMemory* answers = nullptr;        ///< Of all queues' calls.
  /// Calls that gRPC or we still have to do with, those that it has not handed in yet among them, over all queues. While
  /// there are any, the queue must not be shut down.
  std::atomic<int>* alive = nullptr;
  std::atomic<int>* in_flight = nullptr;  ///< Calls that a drain waits for, over all queues.
  std::size_t index = 0;                  ///< Among the queues.
  std::span<CallObserver* const> observers{};
};

}  // namespace iris
