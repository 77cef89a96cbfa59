// SPDX-License-Identifier: Apache-2.0
//
// Accepts connections on our own listeners and hands their descriptors on. gRPC's own listener never accepts again once
// the process has run out of descriptors (CVE-2023-4785); this one waits and goes on.

#pragma once

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

 private:
  Acceptor(std::vector<Listener> listeners, Handler handler, Descriptor stop);
  void Run();
  bool AcceptFrom(int listener);

  std::vector<Listener> listeners_;
  const Handler handler_;
  const Descriptor stop_;  // an eventfd: readable once the thread has to end
  std::thread thread_;
};

}  // namespace iris
