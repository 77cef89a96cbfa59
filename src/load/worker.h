// SPDX-License-Identifier: Apache-2.0
//
// One thread of the load with a completion queue of its own and a share of the connections; in an open loop a second
// one beside it, which sends each call when it is due: gRPC's queues sleep in whole milliseconds, the pacer does not.

#pragma once

#include <grpc/grpc.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "src/base/error.h"
#include "src/load/call_slot.h"
#include "src/load/channel.h"
#include "src/load/schedule.h"
#include "src/load/tally.h"
#include "src/load/workload.h"

namespace iris {

/// What the workers of a load share while it runs. Set before they start, but for the atomics.
struct LoadRun {
  const Workload& workload;
  std::chrono::nanoseconds timeout;  ///< Of a call.
  LoadClock::time_point begin{};     ///< Of what is measured; before it is warming up.
  LoadClock::time_point end{};       ///< No call is due from then on.
  std::optional<OpenSchedule> schedule{};   ///< Nothing: a closed loop.
  std::uint64_t first = 0, last = 0;        ///< The calls of the schedule that are measured; last itself is not sent.
  std::optional<std::uint64_t> most{};      ///< Calls that a closed loop measures.
  std::atomic<std::uint64_t> issued = 0;    ///< Of those.
  std::atomic<std::uint64_t> seen = 0;      ///< Calls answered or failed so far, warming up too: for progress.
  std::atomic<int> working = 0;             ///< Workers that have not finished.
  std::atomic<bool> stop = false;           ///< End now: calls on their way are given up and do not count.
};

class LoadWorker {
 public:
  /// Worker `index` of `count`. `run` must outlive it.
  LoadWorker(LoadRun& run, std::size_t index, std::size_t count);
  LoadWorker(const LoadWorker&) = delete;
  LoadWorker& operator=(const LoadWorker&) = delete;
  /// Waits for the threads, which end by themselves at the end of the load or soon after `run.stop`.
  ~LoadWorker();

  /// Adds places for `in_flight` calls on each of `channels`, which must outlive it.
  void Add(const std::vector<const LoadChannel*>& channels, std::size_t in_flight);

  /// Begins. Errors: kIo when there is no thread to be had.
  Result<void> Start();

  /// Waits for the end. Once.
  const LoadTally& Finish();

 private:
  void Run();
  bool Done();
  void Tick(LoadClock::time_point now);
  void BeginClosed(CallSlot& slot, LoadClock::time_point now);
  void End(CallSlot& slot, LoadClock::time_point now);
  void Account(const CallSlot& slot, LoadClock::time_point now);
  bool Open() const { return run_.schedule.has_value(); }

  void Pace();
  CallSlot* TakeFree();

  LoadRun& run_;
  const std::size_t index_;
  const std::size_t count_;
  grpc_completion_queue* const queue_;
  std::deque<CallSlot> slots_;
  std::thread thread_, pacer_;

  // The queue's thread.
  LoadTally tally_;
  std::vector<std::int32_t> species_;
  std::vector<CallSlot*> resting_;  // after a failure
  std::size_t active_ = 0;          // of a closed loop

  // The pacer.
  std::uint64_t sent_ = 0;
  LoadClock::time_point last_sent_{};
  std::chrono::nanoseconds latest_{};

  // Between the two.
  std::mutex mutex_;
  std::condition_variable freed_;
  std::deque<CallSlot*> free_;  // the one that was free longest first, so that connections take turns
  std::atomic<bool> paced_ = false;  // the pacer is done
};

}  // namespace iris
