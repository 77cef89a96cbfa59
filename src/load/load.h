// SPDX-License-Identifier: Apache-2.0
//
// A load on a server: connections that are made first and asked once, then calls in a closed loop (as many under way as
// there is room for, each followed by the next) or an open one (at a fixed rate), every answer checked, and what was
// measured.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "src/base/error.h"
#include "src/client/client.h"
#include "src/load/tally.h"
#include "src/load/workload.h"

namespace iris {

struct LoadOptions {
  ClientOptions server;           ///< Its timeout is for connecting and for each call.
  std::size_t connections = 1;    ///< At least 1.
  std::size_t in_flight = 1;      ///< Calls under way on a connection; in an open loop at most. At least 1.
  std::size_t threads = 1;        ///< At least 1; no more are used than there are connections.
  std::optional<double> rate{};   ///< Calls a second, 0.001 to 10^7: an open loop.
  std::chrono::milliseconds warm_up{1000};
  std::optional<std::chrono::milliseconds> duration{};  ///< After warming up. One of the two, or both: what is first.
  std::optional<std::uint64_t> calls{};                 ///< Calls to measure, at least 1.
};

/// What came of it. Only calls that were begun (in an open loop: were due) after warming up are counted.
struct LoadResult {
  LoadTally tally;
  std::chrono::nanoseconds elapsed{};  ///< To the end that was set, or the end of the last call, if that is later.
  std::uint64_t not_sent = 0;          ///< Calls of an open loop that were due, and for which there was never room.
  double sent_rate = 0;                ///< Calls a second that an open loop sent.
  bool rate_held = true;               ///< It sent 99 % of what was due.
  bool interrupted = false;            ///< By Stop.
  std::chrono::nanoseconds processor_time{};  ///< Of this process, warming up too.
  std::uint64_t calls = 0;                    ///< All that were made in that time.
};

/// Used from one thread.
class Load {
 public:
  /// Makes all connections and has the server answer on each; on the first one every question of `workload`.
  /// Errors: kUnavailable, kIo; kConfiguration where it serves no such model or method; kCheckFailed where it answers
  /// otherwise than is expected, or refuses the questions.
  static Result<std::unique_ptr<Load>> Connect(const LoadOptions& options, Workload workload);
  virtual ~Load() = default;

  /// Begins. Once. Errors: kIo when there is no thread to be had.
  virtual Result<void> Start() = 0;
  /// Whether it is over.
  virtual bool done() const = 0;
  /// Calls that ended so far, warming up too.
  virtual std::uint64_t seen() const = 0;
  /// Ends it now; calls on their way are given up, and are not counted.
  virtual void Stop() = 0;
  /// Waits for the end. Once.
  virtual LoadResult Finish() = 0;

  virtual const std::string& server() const = 0;  ///< As shown to people: "localhost:50052".
  virtual std::size_t threads() const = 0;
};

}  // namespace iris
