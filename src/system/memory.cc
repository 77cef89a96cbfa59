// SPDX-License-Identifier: Apache-2.0

#include "src/system/memory.h"

#include <sys/sysinfo.h>

#include <algorithm>

#include "src/system/control_groups.h"

namespace iris {
namespace {

// Where the machine does not say what it has.
constexpr double kUnknown = 1 << 30;

std::optional<double> NumberIn(const std::string& path) {
  const std::string text = ReadSmallFile(path);
  std::string_view rest = text;
  return TakeNumber(rest);
}

std::optional<double> Less(std::optional<double> a, std::optional<double> b) {
  if (a && b) return std::min(*a, *b);
  return a ? a : b;
}

}  // namespace

std::optional<double> MemoryLimit(std::string_view groups, const std::string& mount) {
  return LeastLimit(
      groups, mount,
      {.name = "memory",
       .mounts = {"memory"},
       .version1 = [](const std::string& folder) { return NumberIn(folder + "/memory.limit_in_bytes"); },
       .version2 =
           [](const std::string& folder) {
             return Less(NumberIn(folder + "/memory.max"), NumberIn(folder + "/memory.high"));
           }});
}

std::size_t UsableMemory() {
  struct sysinfo machine{};
  const double whole = sysinfo(&machine) == 0
                           ? static_cast<double>(machine.totalram) * static_cast<double>(machine.mem_unit)
                           : kUnknown;
  const double limit = MemoryLimit(ReadSmallFile("/proc/self/cgroup"), "/sys/fs/cgroup").value_or(whole);
  return static_cast<std::size_t>(std::min(whole, limit));
}

}  // namespace iris
