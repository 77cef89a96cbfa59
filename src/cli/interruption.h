// SPDX-License-Identifier: Apache-2.0
//
// Ctrl-C, and the other ways to be told to stop, in the middle of long work.

#pragma once

#include <csignal>
#include <string>

namespace iris {

/// From now on SIGINT, SIGTERM and SIGHUP end the process at once, as they do by default (a shell then shows 128 + the
/// number), but also as PID 1 of a container, where the default is to ignore them: it then exits with that code itself.
/// A line of progress on a terminal is erased before. A signal that was ignored from the start, as by nohup, stays
/// ignored. Requires: BlockSignals was called, and no other thread is there yet.
void EndOnSignals();

/// While it lives, signals wait in this thread, so that a file that is being put in place is in place or was never
/// begun. Does nothing where `path` is a pipe, a terminal or a device, which has nothing to be put in place and might
/// keep us waiting for ever. Requires: no thread but this one takes signals.
class SignalsHeld {
 public:
  explicit SignalsHeld(const std::string& path);
  ~SignalsHeld();
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

}  // namespace iris
