// SPDX-License-Identifier: Apache-2.0
//
// Landlock: the kernel refuses this thread, and those it starts, everything in the file system and on the network that
// no rule grants. It can only become less from then on.
// Source: landlock(7), Documentation/userspace-api/landlock.rst.

#pragma once

#include <string>
#include <vector>

#include "src/base/descriptor.h"

namespace iris {

/// What is still granted.
struct LandlockScope {
  std::vector<std::string> readable{};   ///< Folders, and single files: may be read, with all that is below them.
  std::vector<std::string> removable{};  ///< Folders: what is in them may be removed, if it is no folder.
  bool abstract_sockets = false;         ///< Whether abstract Unix sockets of others may be sent to.
};

/// What became of it.
struct LandlockState {
  int abi = 0;              ///< The kernel's version of it, as far as we know it; 0: not in force.
  std::string missing{};    ///< Why not, for a person.
  /// /proc/self and /proc/stat, which may be read: a rule belongs to a file as the kernel has it in memory, and these
  /// two it would forget and make anew if nobody held them.
  std::vector<Descriptor> held{};
};

/// From now on this thread can read what `scope` and /proc/self hold, execute, write and make nothing, and with newer
/// kernels neither bind nor connect TCP sockets (ABI 4) nor send signals to other processes (ABI 6). Descriptors that are
/// open stay as they are. Requires: no new privileges; no other thread (it would stay as it is).
LandlockState RestrictWithLandlock(const LandlockScope& scope);

}  // namespace iris
