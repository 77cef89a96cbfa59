// SPDX-License-Identifier: Apache-2.0
//
// How many processors this process may keep busy.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace iris {

/// Those that it may run on (sched_setaffinity, cpuset), or fewer where its control group gives it less time than they
/// have (cpu.max, cpu.cfs_quota_us), rounded up: threads beyond that would use up the time of all, and then all stand
/// still until the next period. At least 1.
int UsableProcessors();

/// The least processor time, as a number of processors, that a control group of this process or one above it allows;
/// nothing when none limits it. `groups` and `mount`: control_groups.h.
std::optional<double> ProcessorQuota(std::string_view groups, const std::string& mount);

}  // namespace iris
