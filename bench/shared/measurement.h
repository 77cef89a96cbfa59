// SPDX-License-Identifier: Apache-2.0
//
// Clocks and memory of this process, and the line of JSON that a driver ends with.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace iris::bench {

double WallSeconds();       ///< Monotonic.
double ProcessorSeconds();  ///< Of all threads of this process.

/// A line of /proc/self/status, such as "VmHWM" (the most that was ever resident) or "VmRSS". Units: bytes.
std::uint64_t MemoryBytes(const std::string& field);

/// What one process measured. Times are of single fits (reads), in order.
struct Measurement {
  std::vector<double> seconds;
  std::vector<double> processor_seconds;
  std::uint64_t memory_before_table = 0;
  std::uint64_t memory_with_table = 0;
  std::uint64_t memory_peak = 0;

  /// Prints it as one JSON object; `more` are further members, beginning with a comma, or nothing.
  void Print(const std::string& more = "") const;
};

/// [1,2.5,…], every digit kept.
std::string JsonArray(const std::vector<double>& values);

}  // namespace iris::bench
