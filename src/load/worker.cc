// SPDX-License-Identifier: Apache-2.0

#include "src/load/worker.h"

#include <grpc/support/time.h>
#include <sys/prctl.h>

#include <algorithm>
#include <system_error>

#include "src/base/text.h"
#include "src/rpc/queue_order.h"

namespace iris {
namespace {

// How often calls that take too long are looked for, and how long a place rests after a failure, so that a server that
// is gone is asked again without being overrun.
constexpr std::chrono::milliseconds kTick{100};
// The longest that the pacer does not look whether it is to stop.
constexpr std::chrono::milliseconds kNap{50};

gpr_timespec InATick() {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(kTick.count(), GPR_TIMESPAN));
}

}  // namespace

LoadWorker::LoadWorker(LoadRun& run, std::size_t index, std::size_t count)
    : run_(run), index_(index), count_(count), queue_(grpc_completion_queue_create_for_next(nullptr)) {}

LoadWorker::~LoadWorker() {
  if (pacer_.joinable()) pacer_.join();
  if (thread_.joinable()) thread_.join();
  grpc_completion_queue_shutdown(queue_);
  while (grpc_completion_queue_next(queue_, gpr_inf_future(GPR_CLOCK_MONOTONIC), nullptr).type != GRPC_QUEUE_SHUTDOWN) {
  }
  grpc_completion_queue_destroy(queue_);
}

void LoadWorker::Add(const std::vector<const LoadChannel*>& channels, std::size_t in_flight) {
  for (std::size_t i = 0; i < in_flight; ++i) {
    for (const LoadChannel* const channel : channels) {
      CallSlot& slot = slots_.emplace_back(*channel, queue_);
      slot.errand.question = (index_ + slots_.size()) % run_.workload.size();  // not all the same one at once
      free_.push_back(&slot);
    }
  }
}

Result<void> LoadWorker::Start() {
  ++run_.working;
  try {
    thread_ = std::thread([this] { Run(); });
    if (Open()) pacer_ = std::thread([this] { Pace(); });
  } catch (const std::system_error& error) {
    run_.stop = true;
    paced_ = true;
    if (!thread_.joinable()) --run_.working;
    return Fail(ErrorCode::kIo, "cannot start a thread: " + SystemReason(error.code().value()) +
                                    "; raise the limit on processes (ulimit -u), or ask for fewer --threads");
  }
  return {};
}

const LoadTally& LoadWorker::Finish() {
  if (pacer_.joinable()) pacer_.join();
  thread_.join();
  if (Open()) {
    tally_.sent = sent_;
    tally_.last_sent = last_sent_;
    tally_.latest = latest_;
  }
  return tally_;
}

void LoadWorker::Run() {
  LoadClock::time_point now = LoadClock::now();
  LoadClock::time_point next_tick = now + kTick;
  if (!Open()) {
    for (CallSlot& slot : slots_) BeginClosed(slot, now);
  }
  gpr_timespec wake = InATick();
  while (!Done()) {
    const grpc_event event = grpc_completion_queue_next(queue_, wake, nullptr);
    now = LoadClock::now();
    if (event.type == GRPC_OP_COMPLETE) {
      AfterCompletion(event.tag);
      End(*static_cast<CallSlot*>(event.tag), now);
    }
    if (now < next_tick) continue;
    Tick(now);
    next_tick = now + kTick;
    wake = InATick();
  }
  --run_.working;
  // gRPC takes whoever waits at a queue for one that comes back (patches 0020 and 0025): others may sleep because this
  // thread is to look at the sockets, and what it sent last may have been put off until it waits again.
  while (run_.working > 0) grpc_completion_queue_next(queue_, InATick(), nullptr);
  grpc_completion_queue_next(queue_, gpr_inf_past(GPR_CLOCK_MONOTONIC), nullptr);
}

bool LoadWorker::Done() {
  if (!Open()) return active_ == 0 && resting_.empty();
  if (!paced_) return false;
  const std::lock_guard lock(mutex_);
  return free_.size() == slots_.size();
}

void LoadWorker::Tick(LoadClock::time_point now) {
  if (run_.stop) {
    for (CallSlot& slot : slots_) slot.CancelIfStartedBy(now, GRPC_STATUS_CANCELLED, "the load was ended");
  } else {
    for (CallSlot& slot : slots_) {
      slot.CancelIfStartedBy(now - run_.timeout, GRPC_STATUS_DEADLINE_EXCEEDED, "no answer within --timeout");
    }
  }
  const std::vector<CallSlot*> rested = std::move(resting_);
  resting_.clear();
  for (CallSlot* const slot : rested) BeginClosed(*slot, now);
}

void LoadWorker::BeginClosed(CallSlot& slot, LoadClock::time_point now) {
  if (now >= run_.end || run_.stop.load(std::memory_order_relaxed)) return;
  const bool measured = now >= run_.begin;
  if (measured) {
    if (run_.most && run_.issued.fetch_add(1, std::memory_order_relaxed) >= *run_.most) return;
    ++tally_.sent;
    tally_.last_sent = now;
  }
  slot.errand = {.question = (slot.errand.question + 1) % run_.workload.size(), .since = now, .measured = measured};
  ++active_;
  slot.Start(run_.workload.question(slot.errand.question), now);
}

void LoadWorker::End(CallSlot& slot, LoadClock::time_point now) {
  slot.Finish();
  run_.seen.fetch_add(1, std::memory_order_relaxed);
  if (slot.errand.measured) Account(slot, now);
  if (Open()) {
    const std::lock_guard lock(mutex_);
    free_.push_back(&slot);
    if (free_.size() == 1) freed_.notify_one();
    return;
  }
  --active_;
  if (slot.status() == GRPC_STATUS_OK) {
    BeginClosed(slot, now);
  } else {
    resting_.push_back(&slot);
  }
}

void LoadWorker::Account(const CallSlot& slot, LoadClock::time_point now) {
  const bool answered = slot.status() == GRPC_STATUS_OK;
  if (!answered && run_.stop) return;  // given up by us
  tally_.last_end = now;
  if (answered) {
    tally_.latencies.Record(now - slot.errand.since);
    const auto expected = run_.workload.expected(slot.errand.question);
    const bool right = run_.workload.Read(slot.answer(), species_) && std::ranges::equal(species_, expected);
    if (!right) ++tally_.wrong;
    return;
  }
  const auto code = static_cast<std::size_t>(slot.status());
  const std::size_t kind = code < kStatusCodes ? code : static_cast<std::size_t>(GRPC_STATUS_UNKNOWN);
  ++tally_.failed[kind];
  if (tally_.reasons[kind].empty()) tally_.reasons[kind] = slot.text();
}

void LoadWorker::Pace() {
  ::prctl(PR_SET_TIMERSLACK, 1);  // of this thread: the kernel's usual 50 µs would be in every latency
  for (std::uint64_t call = index_; call < run_.last; call += count_) {
    const LoadClock::time_point due = run_.schedule->TimeOf(call);
    LoadClock::time_point now = LoadClock::now();
    while (now < due && !run_.stop.load(std::memory_order_relaxed)) {
      std::this_thread::sleep_until(std::min(due, now + kNap));
      now = LoadClock::now();
    }
    CallSlot* const slot = TakeFree();
    if (slot == nullptr) break;
    now = LoadClock::now();
    const bool measured = call >= run_.first;
    if (measured) {
      ++sent_;
      last_sent_ = now;
      latest_ = std::max(latest_, std::chrono::nanoseconds(now - due));
    }
    slot->errand = {.question = call % run_.workload.size(), .since = due, .measured = measured};
    slot->Start(run_.workload.question(slot->errand.question), now);
  }
  paced_ = true;
}

// Nothing: there was no room until the end. Where there is, a call that was due is sent after the end, too: it was the
// pacer that overslept.
CallSlot* LoadWorker::TakeFree() {
  std::unique_lock lock(mutex_);
  while (free_.empty() || run_.stop) {
    const LoadClock::time_point now = LoadClock::now();
    if (now >= run_.end || run_.stop) return nullptr;
    freed_.wait_until(lock, std::min(run_.end, now + kNap));
  }
  CallSlot* const slot = free_.front();
  free_.pop_front();
  return slot;
}

}  // namespace iris
