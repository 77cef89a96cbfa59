// SPDX-License-Identifier: Apache-2.0
//
// A line a call on the log, for those who ask for it. Says how a call went, never what it carried.

#pragma once

#include <atomic>
#include <cstdint>

#include "src/rpc/call_observer.h"

namespace iris {

/// Threading: as CallObserver; no lock but that of the log, which a line takes.
class AccessLog final : public CallObserver {
 public:
  /// At most `rate` lines a second of calls that ended well, and `rate` of others, so that load does not hide failures.
  /// What is left out is counted, and the count written with the first call of a later second, or at the end.
  explicit AccessLog(std::uint64_t rate) : rate_(rate) {}
  ~AccessLog() override;

  void Started(const ObservedMethod& /*method*/, std::size_t /*queue*/) override {}
  void Finished(const CallRecord& record) override;

 private:
  /// Empties the second that has passed, if one has.
  void TurnSecond(std::int64_t now);
  void TellLeftOut();

  const std::uint64_t rate_;
  std::atomic<std::int64_t> second_ = 0;
  std::atomic<std::uint64_t> well_ = 0;    ///< Calls of this second that ended well.
  std::atomic<std::uint64_t> failed_ = 0;  ///< The others.
  std::atomic<std::uint64_t> left_out_ = 0;
};

}  // namespace iris
