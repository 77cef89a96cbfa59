// SPDX-License-Identifier: Apache-2.0

#include "src/load/rehearsal.h"

#include <grpc/grpc.h>
#include <grpc/support/time.h>
#include <grpcpp/support/status.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "src/client/status.h"
#include "src/load/call_slot.h"
#include "src/system/log.h"

namespace iris {
namespace {

// What a refusal of the very first questions means to whoever started the load.
Error Explain(const CallSlot& slot, const std::string& server, std::chrono::milliseconds timeout, bool tls) {
  const std::string text = Printable(slot.text());
  switch (slot.status()) {
    case GRPC_STATUS_NOT_FOUND:
      return {ErrorCode::kConfiguration, "the server at " + server + " says: " + text + "; give the model's name with "
                                         "--model-name"};
    case GRPC_STATUS_INVALID_ARGUMENT:
    case GRPC_STATUS_FAILED_PRECONDITION:
    case GRPC_STATUS_RESOURCE_EXHAUSTED:
      return {ErrorCode::kCheckFailed, "the server at " + server + " refuses what it is asked: " + text};
    default:
      return FromGrpcStatus({static_cast<grpc::StatusCode>(slot.status()), slot.text()}, server, timeout, tls);
  }
}

class Rehearsal {
 public:
  Rehearsal(const Workload& workload, std::chrono::milliseconds timeout)
      : workload_(workload), timeout_(timeout), queue_(grpc_completion_queue_create_for_next(nullptr)) {}
  Rehearsal(const Rehearsal&) = delete;
  Rehearsal& operator=(const Rehearsal&) = delete;
  ~Rehearsal() {
    grpc_completion_queue_shutdown(queue_);
    grpc_completion_queue_next(queue_, gpr_inf_future(GPR_CLOCK_MONOTONIC), nullptr);
    slots_.clear();
    grpc_completion_queue_destroy(queue_);
  }

  void Ask(const LoadChannel& channel, std::size_t question) {
    CallSlot& slot = slots_.emplace_back(channel, queue_);
    slot.errand.question = question;
    slot.Start(workload_.question(question), LoadClock::now());
  }

  /// Waits for all answers; for as long as there is one within the timeout. The first call that failed, if one did.
  const CallSlot* Await() {
    const CallSlot* failed = nullptr;
    for (std::size_t left = slots_.size(); left > 0;) {
      const gpr_timespec patience = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                                 gpr_time_from_millis(timeout_.count(), GPR_TIMESPAN));
      const grpc_event event = grpc_completion_queue_next(queue_, patience, nullptr);
      if (event.type != GRPC_OP_COMPLETE) {
        CancelAll(GRPC_STATUS_DEADLINE_EXCEEDED);
        continue;
      }
      --left;
      auto& slot = *static_cast<CallSlot*>(event.tag);
      slot.Finish();
      if (slot.status() == GRPC_STATUS_OK || failed != nullptr) continue;
      failed = &slot;
      CancelAll(GRPC_STATUS_CANCELLED);
    }
    return failed;
  }

  /// Nothing, or how the answers differ from what was expected.
  std::optional<std::string> Difference() const {
    std::string first;
    std::size_t rows = 0, wrong = 0;
    std::vector<std::int32_t> species;
    for (const CallSlot& slot : slots_) {
      const std::size_t question = slot.errand.question;
      const auto expected = workload_.expected(question);
      if (!workload_.Read(slot.answer(), species) || species.size() != expected.size()) {
        return "the answer to " + std::to_string(expected.size()) + (expected.size() == 1 ? " row" : " rows") +
               " does not hold a class for each";
      }
      rows += expected.size();
      for (std::size_t row = 0; row < expected.size(); ++row) {
        if (species[row] == expected[row] || ++wrong > 1) continue;
        first = "flower " + std::to_string(workload_.Flower(question, row) + 1) + " is " +
                std::to_string(species[row]) + " there and " + std::to_string(expected[row]) + " here";
      }
    }
    if (wrong == 0) return std::nullopt;
    return first + " (" + std::to_string(wrong) + " of " + std::to_string(rows) + " answers differ)";
  }

 private:
  void CancelAll(grpc_status_code status) {
    for (CallSlot& slot : slots_) slot.CancelIfStartedBy(LoadClock::time_point::max(), status, "given up");
  }

  const Workload& workload_;
  const std::chrono::milliseconds timeout_;
  grpc_completion_queue* const queue_;
  std::deque<CallSlot> slots_;
};

}  // namespace

Result<void> Rehearse(const std::deque<LoadChannel>& channels, const Workload& workload, const std::string& server,
                      std::chrono::milliseconds timeout, bool tls) {
  Rehearsal rehearsal(workload, timeout);
  rehearsal.Ask(channels.front(), 0);  // alone, so that what is refused is refused once
  if (const CallSlot* failed = rehearsal.Await()) return std::unexpected(Explain(*failed, server, timeout, tls));
  Rehearsal rest(workload, timeout);
  for (std::size_t i = 1; i < workload.size(); ++i) rest.Ask(channels.front(), i);
  for (std::size_t i = 1; i < channels.size(); ++i) rest.Ask(channels[i], i % workload.size());
  if (const CallSlot* failed = rest.Await()) return std::unexpected(Explain(*failed, server, timeout, tls));
  std::optional<std::string> difference = rehearsal.Difference();
  if (!difference) difference = rest.Difference();
  if (!difference) return {};
  return Fail(ErrorCode::kCheckFailed, "the server at " + server + " does not answer as its model should: " +
                                           *difference + "; if it serves another model, give the file with --model");
}

}  // namespace iris
