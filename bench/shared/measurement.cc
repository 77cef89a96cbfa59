// SPDX-License-Identifier: Apache-2.0

#include "measurement.h"

#include <cstdio>
#include <ctime>
#include <fstream>

namespace iris::bench {
namespace {

double Seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

double WallSeconds() { return Seconds(CLOCK_MONOTONIC); }
double ProcessorSeconds() { return Seconds(CLOCK_PROCESS_CPUTIME_ID); }

std::uint64_t MemoryBytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return 1024 * std::stoull(line.substr(field.size() + 1));
  }
  return 0;
}

std::string JsonArray(const std::vector<double>& values) {
  std::string text = "[";
  for (const double value : values) {
    char number[32];
    std::snprintf(number, sizeof number, "%s%.17g", text.size() > 1 ? "," : "", value);
    text += number;
  }
  return text + "]";
}

void Measurement::Print(const std::string& more) const {
  std::printf(
      "{\"seconds\":%s,\"processor_seconds\":%s,\"memory_before_table\":%llu,\"memory_with_table\":%llu,"
      "\"memory_peak\":%llu%s}\n",
      JsonArray(seconds).c_str(), JsonArray(processor_seconds).c_str(),
      static_cast<unsigned long long>(memory_before_table), static_cast<unsigned long long>(memory_with_table),
      static_cast<unsigned long long>(memory_peak), more.c_str());
}

}  // namespace iris::bench
