// SPDX-License-Identifier: Apache-2.0

#include "src/load/load.h"

#include <grpc/grpc.h>
#include <sys/resource.h>

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "src/client/target.h"
#include "src/load/channel.h"
#include "src/load/rehearsal.h"
#include "src/load/worker.h"
#include "src/rpc/log.h"
#include "src/rpc/thread_room.h"

namespace iris {
namespace {

constexpr double kHeld = 0.99;

std::chrono::nanoseconds ProcessorTime() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

// A connection is a descriptor, and the usual limit is meant for programs that use select.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// gRPC itself, which has to be there before the first channel and after the last.
class GrpcLibrary {
 public:
  GrpcLibrary() { grpc_init(); }
  GrpcLibrary(const GrpcLibrary&) = delete;
  GrpcLibrary& operator=(const GrpcLibrary&) = delete;
  ~GrpcLibrary() { grpc_shutdown(); }
};

class GrpcLoad final : public Load {
 public:
  GrpcLoad(const LoadOptions& options, Target target, Workload workload)
      : options_(options),
        target_(std::move(target)),
        workload_(std::move(workload)),
        run_{.workload = workload_, .timeout = options.server.timeout} {
    const LoadCredentials credentials(options.server.tls);
    for (std::size_t i = 0; i < options.connections; ++i) {
      channels_.emplace_back(target_, credentials, workload_.path());
    }
  }

  ~GrpcLoad() override { run_.stop = true; }  // for workers that nobody waited for

  Result<void> Rehearse() const {
    const ClientOptions& server = options_.server;
    return iris::Rehearse(channels_, workload_, target_.shown, server.timeout, server.tls.has_value());
  }

  Result<void> Start() override {
    const std::size_t count = threads();
    for (std::size_t i = 0; i < count; ++i) {
      LoadWorker& worker = workers_.emplace_back(run_, i, count);
      std::vector<const LoadChannel*> share;
      for (std::size_t k = i; k < channels_.size(); k += count) share.push_back(&channels_[k]);
      worker.Add(share, options_.in_flight);
    }
    processor_time_ = ProcessorTime();
    SetTimes(LoadClock::now());
    for (LoadWorker& worker : workers_) {
      if (Result<void> started = worker.Start(); !started) return started;
    }
    return {};
  }

  bool done() const override { return run_.working == 0; }
  std::uint64_t seen() const override { return run_.seen.load(std::memory_order_relaxed); }

  void Stop() override {
    if (run_.stop.exchange(true)) return;
    stopped_ = LoadClock::now();
  }

  LoadResult Finish() override {
    LoadResult result;
    for (LoadWorker& worker : workers_) result.tally.Add(worker.Finish());
    result.processor_time = ProcessorTime() - processor_time_;
    result.calls = seen();
    result.interrupted = run_.stop;
    if (run_.schedule) {
      CloseOpen(result);
    } else {
      CloseClosed(result);
    }
    return result;
  }

  const std::string& server() const override { return target_.shown; }
  std::size_t threads() const override { return std::min(options_.threads, channels_.size()); }

 private:
  void SetTimes(LoadClock::time_point start) {
    run_.begin = start + options_.warm_up;
    run_.end = options_.duration ? run_.begin + *options_.duration : LoadClock::time_point::max();
    run_.most = options_.calls;
    if (!options_.rate) return;
    const OpenSchedule& schedule = run_.schedule.emplace(start, *options_.rate);
    run_.first = schedule.CountBefore(run_.begin);
    run_.last = UINT64_MAX;
    if (options_.duration) run_.last = schedule.CountBefore(run_.end);
    if (options_.calls) run_.last = std::min(run_.last, run_.first + *options_.calls);
  }

  // To `planned`, or the interruption, or the end of the last call that counts, if that is later.
  std::chrono::nanoseconds Elapsed(LoadClock::time_point planned, const LoadTally& tally) const {
    const LoadClock::time_point end = std::max(stopped_ ? std::min(*stopped_, planned) : planned, tally.last_end);
    return std::max(end - run_.begin, LoadClock::duration(0));
  }

  void CloseClosed(LoadResult& result) const {
    const bool all_made = run_.most && run_.issued >= *run_.most;
    result.elapsed = Elapsed(all_made ? result.tally.last_end : run_.end, result.tally);
  }

  void CloseOpen(LoadResult& result) const {
    const OpenSchedule& schedule = *run_.schedule;
    const LoadTally& tally = result.tally;
    // The first call that is not due any more may be due long after the end.
    const LoadClock::time_point planned = std::min(schedule.TimeOf(run_.last), run_.end);
    result.elapsed = Elapsed(planned, tally);
    const LoadClock::time_point until = stopped_ ? std::min(*stopped_, planned) : planned;
    const std::uint64_t due = std::max(schedule.CountBefore(until), run_.first) - run_.first;
    result.not_sent = due - std::min(due, tally.sent);
    // Where a number of calls was asked for, they were all sent, but perhaps later than they were due.
    const LoadClock::time_point sending = options_.duration ? until : std::max(until, tally.last_sent);
    const std::uint64_t due_while_sending = std::max(schedule.CountBefore(sending), run_.first) - run_.first;
    result.rate_held = static_cast<double>(tally.sent) >= kHeld * static_cast<double>(due_while_sending) - 1;
    const double seconds = std::chrono::duration<double>(sending - run_.begin).count();
    if (seconds > 0) result.sent_rate = static_cast<double>(tally.sent) / seconds;
  }

  const GrpcLibrary grpc_;
  const LoadOptions options_;
  const Target target_;
  const Workload workload_;
  LoadRun run_;
  std::deque<LoadChannel> channels_;
  std::deque<LoadWorker> workers_;
  std::chrono::nanoseconds processor_time_{};  // when it began
  std::optional<LoadClock::time_point> stopped_;
};

}  // namespace

Result<std::unique_ptr<Load>> Load::Connect(const LoadOptions& options, Workload workload) {
  if (const Result<void> room = CheckThreadRoom(); !room) return std::unexpected(room.error());
  SilenceGrpcLog();
  RaiseDescriptorLimit();
  Result<Target> target = MakeTarget(options.server.host, options.server.port);
  if (!target) return std::unexpected(target.error());
  auto load = std::make_unique<GrpcLoad>(options, *std::move(target), std::move(workload));
  if (Result<void> rehearsed = load->Rehearse(); !rehearsed) return std::unexpected(std::move(rehearsed.error()));
  return load;
}

}  // namespace iris
