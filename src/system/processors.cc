// SPDX-License-Identifier: Apache-2.0

#include "src/system/processors.h"

#include <sched.h>

#include <algorithm>
#include <cmath>

#include "src/system/control_groups.h"

namespace iris {
namespace {

/// "200000 100000": 2; "max 100000": nothing.
std::optional<double> QuotaOf(std::string_view quota_and_period) {
  const std::optional<double> quota = TakeNumber(quota_and_period);
  const std::optional<double> period = quota ? TakeNumber(quota_and_period) : std::nullopt;
  if (!period) return std::nullopt;
  return *quota / *period;
}

}  // namespace

std::optional<double> ProcessorQuota(std::string_view groups, const std::string& mount) {
  return LeastLimit(groups, mount,
                    {.name = "cpu",
                     .mounts = {"cpu", "cpu,cpuacct"},
                     .version1 =
                         [](const std::string& folder) {
                           return QuotaOf(ReadSmallFile(folder + "/cpu.cfs_quota_us") +
                                          ReadSmallFile(folder + "/cpu.cfs_period_us"));
                         },
                     .version2 = [](const std::string& folder) { return QuotaOf(ReadSmallFile(folder + "/cpu.max")); }});
}

int UsableProcessors() {
  cpu_set_t set;
  const int processors = sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
  const std::optional<double> quota = ProcessorQuota(ReadSmallFile("/proc/self/cgroup"), "/sys/fs/cgroup");
  if (!quota || *quota >= processors) return processors;
  return std::max(1, static_cast<int>(std::ceil(*quota)));
}

}  // namespace iris
