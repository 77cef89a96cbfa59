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
/// nothing when none limits it. `groups` is what /proc/self/cgroup says, `mount` where the groups' files are
/// (/sys/fs/cgroup). Knows version 2, version 1 (its controller mounted at MOUNT/cpu or MOUNT/cpu,cpuacct), and containers
/// that see their own group as the root. Source: cgroups(7), Documentation/admin-guide/cgroup-v2.rst.
std::optional<double> ProcessorQuota(std::string_view groups, const std::string& mount);

}  // namespace iris
