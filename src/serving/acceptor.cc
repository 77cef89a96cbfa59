// SPDX-License-Identifier: Apache-2.0

#include "src/serving/acceptor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "src/base/text.h"
#include "src/system/free_memory.h"
#include "src/system/log.h"

namespace iris {
namespace {

using Clock = std::chrono::steady_clock;

// How long the listeners rest when the system has nothing left to accept with; a descriptor that frees is noticed then.
constexpr int kPauseMilliseconds = 100;
// After so long without a new connection the thread gives back what it has allocated for earlier ones that are closed.
constexpr int kQuietMilliseconds = 3000;
// How many connections one listener may take before the others have their turn.
constexpr int kTurn = 64;
// A shortage that lasts is reported this often.
constexpr std::chrono::seconds kReportEvery{10};

// Says why connections wait, but not ten times a second.
class ShortageReport {
 public:
  void Report(int error) {
    const Clock::time_point now = Clock::now();
    if (last_ && now - *last_ < kReportEvery) return;
    last_ = now;
    Log(LogLevel::kError,
        "cannot accept connections: " + SystemReason(error) +
            "; new ones wait until others close; raise the limit (ulimit -n, LimitNOFILE=) if this lasts");
  }

 private:
  std::optional<Clock::time_point> last_;
};

// Whether accept4 failed because of this one connection, so that the next may well succeed (accept(2)).
bool ConcernsOneConnection(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case EPERM:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET:
    case EOPNOTSUPP:
      return true;
    default:
      return false;
  }
}

}  // namespace

Acceptor::Acceptor(std::vector<Listener> listeners, Handler handler, Descriptor wake)
    : listeners_(std::move(listeners)), handler_(std::move(handler)), wake_(std::move(wake)) {}

Result<std::unique_ptr<Acceptor>> Acceptor::Start(std::vector<Listener> listeners, Handler handler) {
  Descriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) {
    return Fail(ErrorCode::kIo, "cannot start accepting: " + SystemReason(errno) + "; raise ulimit -n");
  }
  std::unique_ptr<Acceptor> acceptor(new Acceptor(std::move(listeners), std::move(handler), std::move(wake)));
  try {
    acceptor->thread_ = std::thread([&self = *acceptor] { self.Run(); });
  } catch (const std::system_error& error) {
    return Fail(ErrorCode::kIo, "cannot start the accepting thread: " + SystemReason(error.code().value()) +
                                    "; raise the limit on processes (ulimit -u, TasksMax=)");
  }
  return acceptor;
}

Acceptor::~Acceptor() { Stop(); }

void Acceptor::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  eventfd_write(wake_.get(), 1);
  thread_.join();
  listeners_.clear();
}

bool Acceptor::Beat() {
  if (asked_) return false;
  asked_ = true;
  eventfd_write(wake_.get(), 1);
  return true;
}

void Acceptor::Run() {
  std::vector<pollfd> watched = {{.fd = wake_.get(), .events = POLLIN, .revents = 0}};
  for (const Listener& listener : listeners_) watched.push_back({.fd = listener.fd(), .events = POLLIN, .revents = 0});
  ShortageReport shortage;
  bool paused = false;
  for (;;) {
    // While paused only the wake-up is watched: a listener with a waiting connection stays readable, and polling it
    // would spin.
    const nfds_t count = paused ? 1 : watched.size();
    const int ready = poll(watched.data(), count, paused ? kPauseMilliseconds : kQuietMilliseconds);
    if (ready == 0 && !paused) ReturnFreeMemory();
    paused = false;
    if (ready < 0) {
      paused = errno != EINTR;  // ENOMEM is the only other that can happen here
      continue;
    }
    if (watched[0].revents != 0) {
      eventfd_t count_of_wake_ups;
      eventfd_read(wake_.get(), &count_of_wake_ups);
      if (stopping_) return;
      asked_ = false;
    }
    for (std::size_t i = 1; i < count; ++i) {
      if (watched[i].revents != 0 && !AcceptFrom(watched[i].fd)) {
        shortage.Report(errno);
        paused = true;
      }
    }
  }
}

// Takes what waits, up to one turn. False, with errno, when the system cannot give another connection now.
bool Acceptor::AcceptFrom(int listener) {
  for (int i = 0; i < kTurn; ++i) {
    const int connection = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection >= 0) {
      handler_(listener, connection);
    } else if (errno == EAGAIN) {
      return true;
    } else {
      ++failures_;
      if (!ConcernsOneConnection(errno)) return false;
    }
  }
  return true;
}

}  // namespace iris
