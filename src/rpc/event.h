// SPDX-License-Identifier: Apache-2.0

#pragma once

namespace iris {

/// Something under way at a completion queue: its address is the tag. It must live until it is complete.
class Event {
 public:
  /// Called once for each time that it was started, on the queue's thread. `ok` is what gRPC says of the outcome.
  virtual void Complete(bool ok) = 0;

 protected:
  ~Event() = default;
};

}  // namespace iris
