// SPDX-License-Identifier: Apache-2.0
//
// Sockets that a service manager opened for us and left at descriptors 3 and up.
// Source: sd_listen_fds(3), systemd.socket(5).

#pragma once

#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/system/listener.h"

namespace iris {

struct InheritedListener {
  Listener listener;
  std::string name;  ///< From FileDescriptorName= of its socket unit; "unknown" where nobody gave one.
};

/// The sockets in the order in which they were handed over; none when there are none, or when they are another
/// process's ($LISTEN_PID). Takes $LISTEN_PID, $LISTEN_FDS, $LISTEN_FDNAMES and $LISTEN_PIDFDID out of the environment.
/// Call once, before anything else opens a descriptor. Requires: no other thread.
/// Errors: kConfiguration when the variables make no sense, or one is not a listening stream socket of IPv4, IPv6 or
/// the Unix domain.
Result<std::vector<InheritedListener>> TakeInheritedListeners();

}  // namespace iris
