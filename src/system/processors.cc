// SPDX-License-Identifier: Apache-2.0

#include "src/system/processors.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "src/base/descriptor.h"

namespace iris {
namespace {

constexpr std::size_t kMostBytes = 16 << 10;

std::string ReadSmallFile(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(kMostBytes, '\0');
  const ssize_t size = file ? read(file.get(), text.data(), text.size()) : 0;
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return text;
}

/// The first number in `text`, which it is taken off with what separates it; nothing for "max", -1 or nothing.
std::optional<std::int64_t> TakeNumber(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number <= 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (text.starts_with(' ') || text.starts_with('\n')) text.remove_prefix(1);
  return number;
}

/// "200000 100000": 2; "max 100000": nothing.
std::optional<double> QuotaOf(std::string_view quota_and_period) {
  const std::optional<std::int64_t> quota = TakeNumber(quota_and_period);
  const std::optional<std::int64_t> period = quota ? TakeNumber(quota_and_period) : std::nullopt;
  if (!period) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

/// What the group in folder `mount` + `group` allows, and those above it up to `mount`.
template <typename Read>
void TakeLeast(std::optional<double>& least, const std::string& mount, std::string group, const Read& read) {
  for (;;) {
    while (group.ends_with('/')) group.pop_back();
    if (const std::optional<double> quota = QuotaOf(read(mount + group))) least = std::min(least.value_or(*quota), *quota);
    if (group.empty()) return;
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
}

std::string ReadVersion2(const std::string& group) { return ReadSmallFile(group + "/cpu.max"); }

std::string ReadVersion1(const std::string& group) {
  return ReadSmallFile(group + "/cpu.cfs_quota_us") + ReadSmallFile(group + "/cpu.cfs_period_us");
}

/// Whether `controllers`, separated by commas, hold the processor's.
bool HoldsProcessors(std::string_view controllers) {
  while (!controllers.empty()) {
    const std::size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == "cpu") return true;
    controllers.remove_prefix(comma == std::string_view::npos ? controllers.size() : comma + 1);
  }
  return false;
}

}  // namespace

// A line is NUMBER:CONTROLLERS:PATH; version 2 has one, "0::PATH".
std::optional<double> ProcessorQuota(std::string_view groups, const std::string& mount) {
  std::optional<double> least;
  while (!groups.empty()) {
    const std::size_t end = groups.find('\n');
    std::string_view line = groups.substr(0, end);
    groups.remove_prefix(end == std::string_view::npos ? groups.size() : end + 1);
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string group(line.substr(second + 1));
    if (controllers.empty()) {
      TakeLeast(least, mount, group, ReadVersion2);
    } else if (HoldsProcessors(controllers)) {
      TakeLeast(least, mount + "/cpu", group, ReadVersion1);
      TakeLeast(least, mount + "/cpu,cpuacct", group, ReadVersion1);
    }
  }
  return least;
}

int UsableProcessors() {
  cpu_set_t set;
  const int processors = sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
  const std::optional<double> quota = ProcessorQuota(ReadSmallFile("/proc/self/cgroup"), "/sys/fs/cgroup");
  if (!quota || *quota >= processors) return processors;
  return std::max(1, static_cast<int>(std::ceil(*quota)));
}

}  // namespace iris
