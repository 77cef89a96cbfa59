// SPDX-License-Identifier: Apache-2.0

#include "src/cli/interruption.h"

#include <sys/stat.h>
#include <unistd.h>

#include "src/cli/progress.h"
#include "src/system/signals.h"

namespace iris {
namespace {

constexpr int kEndingSignals[] = {SIGINT, SIGTERM, SIGHUP};

/// The default action comes back before a handler made with SA_RESETHAND runs, so raising the signal again ends us;
/// unless we are PID 1. Nothing but system calls: it may interrupt anything.
void End(int signal) {
  ::raise(signal);
  ::_exit(128 + signal);
}

void EraseAndEnd(int signal) {
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kEraseLine.data(), kEraseLine.size());
  End(signal);
}

bool IsSpecial(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

}  // namespace

void EndOnSignals() {
  struct sigaction action = {};
  action.sa_handler = ::isatty(STDERR_FILENO) != 0 ? EraseAndEnd : End;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER | SA_RESTART);
  sigemptyset(&action.sa_mask);
  for (const int signal : kEndingSignals) {
    struct sigaction before = {};
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) {
      ::sigaction(signal, &action, nullptr);
    }
  }
  RestoreDefaultSignals();  // the mask
}

SignalsHeld::SignalsHeld(const std::string& path) {
  sigset_t held;
  sigemptyset(&held);
  if (!IsSpecial(path)) {
    for (const int signal : kEndingSignals) sigaddset(&held, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &held, &before_);
}

SignalsHeld::~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace iris
