// SPDX-License-Identifier: Apache-2.0
//
// Accepts connections on our own listeners and hands their descriptors on. gRPC's own listener never accepts again once
// the process has run out of descriptors (CVE-2023-4785); this one waits and goes on.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "src/base/descriptor.h"
#include "src/base/error.h"
#include "src/system/listener.h"

namespace iris {

/// One thread over all listeners, from Start to Stop.
class Acceptor {
 public:
  /// Takes over `connection`, a non-blocking, close-on-exec socket accepted from `listener`. Called on the thread.
  using Handler = std::function<void(int listener, int connection)>;

  /// Errors: kIo when the descriptor or the thread that it needs cannot be had.
  static Result<std::unique_ptr<Acceptor>> Start(std::vector<Listener> listeners, Handler handler);
  ~Acceptor();

  /// Closes the listeners, so that new connections are refused. When it returns the handler runs no more. Calling it
  /// again changes nothing.
  void Stop();

  /// Times that a connection could not be taken: it broke off before, or the system had nothing left for it, and it
  /// waits. From any thread.
  std::uint64_t failures() const { return failures_; }

  /// Whether the thread has come round since this was last asked. Not from several threads at once, nor after Stop.
  bool Beat();

 private:
  Acceptor(std::vector<Listener> listeners, Handler handler, Descriptor wake);
  void Run();
  bool AcceptFrom(int listener);

  std::vector<Listener> listeners_;
  const Handler handler_;
  const Descriptor wake_;  // an eventfd: readable when there is something to be done about the two below
  std::atomic<bool> stopping_ = false;  // the thread has to end
  std::atomic<bool> asked_ = false;     // whether it still runs
  std::atomic<std::uint64_t> failures_ = 0;
  std::thread thread_;
};

}  // namespace iris
