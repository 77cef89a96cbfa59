// SPDX-License-Identifier: Apache-2.0
//
// One streaming call, as the coroutine that drives it sees it. Its steps run one after the other, on the thread of one
// completion queue or, after a long message was read, on a worker's, so the coroutine needs no locks of its own; but
// nothing of one thread's may live across a co_await. Between the steps it takes no thread.

#pragma once

#include <coroutine>
#include <exception>
#include <mutex>
#include <utility>

#include "src/base/error.h"
#include "src/rpc/bytes.h"
#include "src/rpc/call_context.h"

namespace iris {

/// A coroutine over a Stream. It awaits nothing but what Stream offers, and returns the status of the call.
class StreamTask {
 public:
  struct promise_type {
    Result<void> result;

    StreamTask get_return_object() { return StreamTask(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_value(Result<void> status) { result = std::move(status); }
    [[noreturn]] void unhandled_exception() { std::terminate(); }
  };

  StreamTask() = default;
  StreamTask(StreamTask&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  StreamTask& operator=(StreamTask&& other) noexcept {
    std::swap(coroutine_, other.coroutine_);
    return *this;
  }
  ~StreamTask() {
    if (coroutine_) coroutine_.destroy();
  }

  /// Runs on to the next step that has to be waited for. Returns whether it has ended.
  bool Resume() {
    coroutine_.resume();
    return coroutine_.done();
  }
  /// Requires: it has ended.
  const Result<void>& result() const { return coroutine_.promise().result; }

 private:
  explicit StreamTask(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}

  std::coroutine_handle<promise_type> coroutine_;
};

/// Flow control: a write is complete when the network took the message, and a message is read only when it is asked
/// for. So a stream holds two messages at most, whatever its peer does.
class Stream {
 protected:
  enum class Await { kRead, kWrite, kWait };

 private:
  // Notes what the coroutine stops for. Who resumed it starts that when it has stopped: the step may be done, and the
  // coroutine go on, on another thread at any moment from then on.
  template <Await awaited>
  struct Awaiter {
    Stream& stream;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<>) const { stream.awaited_ = awaited; }
    auto await_resume() const {
      if constexpr (awaited == Await::kRead) return std::exchange(stream.message_, Bytes());
      if constexpr (awaited == Await::kWrite) return stream.ok_;
    }
  };

 public:
  /// `co_await`: the next message; none once the caller has sent its last, or is gone.
  auto Read() { return Awaiter<Await::kRead>{*this}; }

  /// `co_await`: sends `message`; false when the caller is gone.
  auto Write(Bytes message) {
    message_ = std::move(message);
    return Awaiter<Await::kWrite>{*this};
  }

  /// `co_await`: until Notify was called (since the last Wait), or the call is over.
  auto Wait() { return Awaiter<Await::kWait>{*this}; }

  /// Ends a Wait, the next one if there is none now. From any thread, while the coroutine has not ended.
  void Notify();

  /// Tells whether the caller is gone or the deadline has passed: what is written then reaches nobody.
  const CallContext& context() const { return context_; }

 protected:
  Stream() = default;
  ~Stream() = default;

  /// Makes the coroutine, which waits, go on on the queue's thread. From any thread.
  virtual void WakeUp() = 0;
  /// Whether a Wait has to be waited for; if so, WakeUp will be called, or has been before this returns.
  bool MustWait();

  CallContext context_;
  Await awaited_ = Await::kRead;  // what the coroutine stopped for
  Bytes message_;                 // to be written, or just read
  bool ok_ = false;               // of the write

 private:
  std::mutex mutex_;       // guards the two below
  bool notified_ = false;  // and no Wait has noticed yet
  bool waiting_ = false;   // in Wait, and nobody has woken it yet
};

}  // namespace iris
