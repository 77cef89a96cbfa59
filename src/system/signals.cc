// SPDX-License-Identifier: Apache-2.0

#include "src/system/signals.h"

#include <unistd.h>

#include <csignal>

#include <algorithm>
#include <cerrno>

#include "src/base/text.h"

namespace iris {
namespace {

sigset_t HandledSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  return set;
}

std::unexpected<Error> CannotWait() {
  return Fail(ErrorCode::kIo, "cannot wait for signals: " + SystemReason(errno));
}

}  // namespace

void BlockSignals() {
  const sigset_t set = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A peer that goes away shows as EPIPE where we write, never as a death of the process.
  std::signal(SIGPIPE, SIG_IGN);
  // Likewise a file that may not grow further (ulimit -f): EFBIG. A server would die of the length of its log, and a
  // command without a word, its temporary file left behind.
  std::signal(SIGXFSZ, SIG_IGN);
}

Result<int> WaitForSignal() {
  const sigset_t set = HandledSignals();
  for (;;) {
    const int number = sigwaitinfo(&set, nullptr);
    if (number > 0) return number;
    if (errno == EINTR) continue;  // stopped and continued, or traced
    return CannotWait();
  }
}

Result<std::optional<int>> WaitForSignal(std::chrono::nanoseconds limit) {
  const sigset_t set = HandledSignals();
  const auto least = std::max(limit, std::chrono::nanoseconds(0));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(least);
  timespec timeout{};
  timeout.tv_sec = seconds.count();
  timeout.tv_nsec = (least - seconds).count();
  const int number = sigtimedwait(&set, nullptr, &timeout);
  if (number > 0) return number;
  if (errno == EAGAIN || errno == EINTR) return std::nullopt;
  return CannotWait();
}

void ReapOrphans() {
  if (::getpid() == 1) std::signal(SIGCHLD, SIG_IGN);
}

void RestoreDefaultSignals() {
  // The mask alone: we never change what the three do, so a signal that nohup or a shell ignores stays ignored.
  const sigset_t set = HandledSignals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace iris
