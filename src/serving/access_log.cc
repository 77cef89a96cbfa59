// SPDX-License-Identifier: Apache-2.0

#include "src/serving/access_log.h"

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include "src/rpc/status_name.h"
#include "src/system/log.h"

namespace iris {
namespace {

double Seconds(std::chrono::nanoseconds duration) { return static_cast<double>(duration.count()) * 1e-9; }

void WriteLine(const CallRecord& record) {
  const std::string peer = record.Peer();
  const std::string_view code = StatusName(record.code);
  char elapsed[32];
  std::snprintf(elapsed, sizeof elapsed, "%.3f", Seconds(record.elapsed) * 1e3);
  const std::string message = "call " + std::string(record.method->path) + " " + std::string(code) + " " + elapsed +
                              " ms from " + peer + ", received " + std::to_string(record.messages_received) +
                              ", sent " + std::to_string(record.messages_sent);
  const LogField method = {.name = "method", .value = record.method->path};
  const LogField status = {.name = "code", .value = code};
  const LogField seconds = {.name = "elapsed_seconds", .value = Seconds(record.elapsed)};
  const LogField from = {.name = "peer", .value = peer};
  const LogField received = {.name = "messages_received", .value = std::uint64_t{record.messages_received}};
  const LogField sent = {.name = "messages_sent", .value = std::uint64_t{record.messages_sent}};
  if (!record.deadline_left) return Log(LogLevel::kInfo, message, {method, status, seconds, from, received, sent});
  Log(LogLevel::kInfo, message,
      {method, status, seconds, from, received, sent,
       {.name = "deadline_left_seconds", .value = Seconds(*record.deadline_left)}});
}

}  // namespace

AccessLog::~AccessLog() { TellLeftOut(); }

void AccessLog::Finished(const CallRecord& record) {
  if (!LogsAt(LogLevel::kInfo)) return;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  TurnSecond(std::chrono::floor<std::chrono::seconds>(now).count());
  std::atomic<std::uint64_t>& count = record.code == 0 ? well_ : failed_;
  if (count.fetch_add(1, std::memory_order_relaxed) < rate_) {
    WriteLine(record);
  } else {
    left_out_.fetch_add(1, std::memory_order_relaxed);
  }
}

void AccessLog::TurnSecond(std::int64_t now) {
  std::int64_t seen = second_.load(std::memory_order_relaxed);
  // Whoever comes first turns it; a call that is counted to the other side of that moment does no harm.
  if (seen == now || !second_.compare_exchange_strong(seen, now, std::memory_order_relaxed)) return;
  well_.store(0, std::memory_order_relaxed);
  failed_.store(0, std::memory_order_relaxed);
  TellLeftOut();
}

void AccessLog::TellLeftOut() {
  const std::uint64_t count = left_out_.exchange(0, std::memory_order_relaxed);
  if (count == 0) return;
  Log(LogLevel::kInfo,
      std::to_string(count) + (count == 1 ? " call was" : " calls were") +
          " left out of the access log, which takes " + std::to_string(rate_) + " lines a second",
      {{.name = "calls_left_out", .value = count}});
}

}  // namespace iris
