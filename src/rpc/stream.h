// SPDX-License-Identifier: Apache-2.0
//
// One streaming call, as the coroutine that drives it sees it. All its steps run on the thread of one completion queue,
// so the coroutine needs no locks of its own; between them it takes no thread.

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
  enum class Step { kRead, kWrite, kWait };

  template <Step step>
  struct Awaiter {
    Stream& stream;
    bool await_ready() const {
      if constexpr (step == Step::kWait) return stream.NeedNotWait();
      return false;
    }
    void await_suspend(std::coroutine_handle<>) const {
      if constexpr (step == Step::kRead) stream.StartRead();
      if constexpr (step == Step::kWrite) stream.StartWrite();
    }
    auto await_resume() const {
      if constexpr (step == Step::kRead) return std::exchange(stream.message_, Bytes());
      if constexpr (step == Step::kWrite) return stream.ok_;
    }
  };

 public:
  /// `co_await`: the next message; none once the caller has sent its last, or is gone.
  auto Read() { return Awaiter<Step::kRead>{*this}; }

  /// `co_await`: sends `message`; false when the caller is gone.
  auto Write(Bytes message) {
    message_ = std::move(message);
    return Awaiter<Step::kWrite>{*this};
  }

  /// `co_await`: until Notify was called (since the last Wait), or the call is over.
  auto Wait() { return Awaiter<Step::kWait>{*this}; }

  /// Ends a Wait. From any thread, while the coroutine has not ended.
  void Notify();

  /// Tells whether the caller is gone or the deadline has passed: what is written then reaches nobody.
  const CallContext& context() const { return context_; }

 protected:
  Stream() = default;
  ~Stream() = default;

  virtual void StartRead() = 0;
  virtual void StartWrite() = 0;
  /// Makes the coroutine go on, on its own thread. From any thread.
  virtual void WakeUp() = 0;

  CallContext context_;
  Bytes message_;    // to be written, or just read
  bool ok_ = false;  // of the write

 private:
  bool NeedNotWait();

  std::mutex mutex_;       // guards the two below
  bool notified_ = false;  // and no Wait has noticed yet
  bool waiting_ = false;   // in Wait, and nobody has woken it yet
};

}  // namespace iris
