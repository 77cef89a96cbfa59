// SPDX-License-Identifier: Apache-2.0
//
// Before the load: every connection made and asked, every question asked once.

#pragma once

#include <chrono>
#include <deque>
#include <string>

#include "src/base/error.h"
#include "src/load/channel.h"
#include "src/load/workload.h"

namespace iris {

/// Asks every question of `workload` on the first of `channels`, and one on each other. `server`, `timeout` and `tls`
/// are for messages; the timeout also for how long there may be no answer. Errors: as Load::Connect.
Result<void> Rehearse(const std::deque<LoadChannel>& channels, const Workload& workload, const std::string& server,
                      std::chrono::milliseconds timeout, bool tls);

}  // namespace iris
