// SPDX-License-Identifier: Apache-2.0

#include "src/metrics/process_metrics.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/descriptor.h"

namespace iris {
namespace {

constexpr double kMicrosecond = 1e-6;
constexpr std::size_t kMostBytes = 64 << 10;  // /proc/stat has a line a processor

std::string ReadProc(const char* path) {
  const Descriptor file(open(path, O_RDONLY | O_CLOEXEC));
  std::string text(kMostBytes, '\0');
  std::size_t size = 0;
  while (file && size < text.size()) {
    const ssize_t got = read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end != text.data() ? std::optional(number) : std::nullopt;
}

// Field `number` of /proc/self/stat, counted from 1 as in proc_pid_stat(5). Only those behind the name, which is the
// second, stands in parentheses, and may hold anything.
std::optional<std::uint64_t> StatField(std::string_view stat, int number) {
  const std::size_t name_end = stat.rfind(") ");
  if (name_end == std::string_view::npos) return std::nullopt;
  stat.remove_prefix(name_end + 2);
  constexpr int kFirst = 3;
  for (int i = kFirst; i < number; ++i) {
    const std::size_t blank = stat.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    stat.remove_prefix(blank + 1);
  }
  return ParseNumber(stat);
}

// Seconds since 1970.
std::optional<double> StartTime(std::string_view stat) {
  constexpr std::string_view kBoot = "\nbtime ";
  constexpr int kStartTicks = 22;
  const std::string system = ReadProc("/proc/stat");
  const std::size_t at = system.find(kBoot);
  const std::optional<std::uint64_t> ticks = StatField(stat, kStartTicks);
  if (at == std::string::npos || !ticks) return std::nullopt;
  const std::optional<std::uint64_t> boot = ParseNumber(std::string_view(system).substr(at + kBoot.size()));
  if (!boot) return std::nullopt;
  return static_cast<double>(*boot) + static_cast<double>(*ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::optional<std::uint64_t> OpenDescriptors() {
  DIR* const folder = opendir("/proc/self/fd");
  if (folder == nullptr) return std::nullopt;
  std::uint64_t count = 0;
  while (const dirent* const entry = readdir(folder)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(folder);
  return count - 1;  // less the folder's own
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * kMicrosecond;
}

template <typename Value>
void WriteGauge(Exposition& exposition, std::string_view name, std::string_view help, std::optional<Value> value) {
  if (!value) return;
  exposition.Family(name, MetricType::kGauge, help);
  exposition.Sample({}, *value);
}

}  // namespace

void WriteProcessMetrics(Exposition& exposition) {
  constexpr int kThreads = 20;
  constexpr int kVirtualBytes = 23;
  constexpr int kResidentPages = 24;
  const std::string stat = ReadProc("/proc/self/stat");
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    exposition.Family("process_cpu_seconds_total", MetricType::kCounter, "Processor time used, user and system.");
    exposition.Sample({}, Seconds(usage.ru_utime) + Seconds(usage.ru_stime));
  }
  std::optional<std::uint64_t> resident = StatField(stat, kResidentPages);
  if (resident) *resident *= static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  WriteGauge(exposition, "process_resident_memory_bytes", "Memory that is in use.", resident);
  WriteGauge(exposition, "process_virtual_memory_bytes", "Address space, used or not.", StatField(stat, kVirtualBytes));
  WriteGauge(exposition, "process_threads", "Threads.", StatField(stat, kThreads));
  WriteGauge(exposition, "process_open_fds", "Open file descriptors.", OpenDescriptors());
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    const bool unlimited = limit.rlim_cur == RLIM_INFINITY;
    WriteGauge(exposition, "process_max_fds", "The most descriptors that may be open.",
               std::optional(unlimited ? std::numeric_limits<double>::infinity() : static_cast<double>(limit.rlim_cur)));
  }
  WriteGauge(exposition, "process_start_time_seconds", "When the process started, in seconds since 1970.",
             StartTime(stat));
}

}  // namespace iris
