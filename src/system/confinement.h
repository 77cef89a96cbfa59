// SPDX-License-Identifier: Apache-2.0
//
// A process that has bound its addresses and read its files gives up what it does not need any more, so that whoever
// takes it over by a fault in it gets next to nothing: no program to run, no file but those that are read again, no
// connection to elsewhere.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/system/landlock.h"

namespace iris {

/// What the process goes on needing.
struct ConfinementNeeds {
  std::vector<std::string> files{};         ///< Read again now and then, also when somebody replaced them.
  std::vector<std::string> unix_sockets{};  ///< Their paths are removed in the end.
  bool abstract_sockets = false;            ///< Somebody at an abstract Unix socket is told things.
};

/// What is in force. Its lifetime is that of the process: see LandlockState::held.
class Confinement {
 public:
  /// Nothing is.
  Confinement() = default;

  /// Gives up what `needs` do not name, as far as the kernel can take it: new privileges, files and networks (Landlock),
  /// system calls (seccomp). What it cannot is missing, and no error. Requires: no other thread.
  static Confinement Enter(const ConfinementNeeds& needs);

  bool no_new_privileges() const { return no_new_privileges_; }
  int landlock_abi() const { return landlock_.abi; }           ///< 0: not in force.
  std::size_t system_calls() const { return system_calls_; }   ///< How many are allowed; 0: not in force.
  bool complete() const { return missing_.empty(); }

  /// "confined: no-new-privileges, Landlock ABI 7, seccomp with 83 system calls", and what is missing and why.
  std::string Describe() const;

  /// Adds to `error` that one of `files` lies where this process may not read, if that is so; whoever replaced a folder
  /// would otherwise look for a wrong mode or owner.
  Error Explain(Error error, const std::vector<std::string>& files) const;

 private:
  /// A folder or file that may be read.
  struct Readable {
    std::string path;
    dev_t device;
    ino_t inode;
  };

  bool MayRead(const std::string& file) const;

  bool no_new_privileges_ = false;
  LandlockState landlock_;
  std::size_t system_calls_ = 0;
  std::vector<Readable> readable_;
  std::string missing_;
};

}  // namespace iris
