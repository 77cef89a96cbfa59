// SPDX-License-Identifier: Apache-2.0
//
// What every client of the probes does first.

#pragma once

namespace iris::bench {

/// A TCP connection to 127.0.0.1, without Nagle's delay, that blocks; or -1, with errno.
int ConnectToLoopback(int port);

}  // namespace iris::bench
