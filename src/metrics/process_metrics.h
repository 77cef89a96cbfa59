// SPDX-License-Identifier: Apache-2.0
//
// The process itself, under the names that Prometheus' client libraries use: process_cpu_seconds_total,
// process_resident_memory_bytes, process_virtual_memory_bytes, process_open_fds, process_max_fds, process_threads,
// process_start_time_seconds.
// Source: prometheus.io/docs/instrumenting/writing_clientlibs, proc_pid_stat(5).

#pragma once

#include "src/metrics/exposition.h"

namespace iris {

/// Reads /proc. What it does not tell (no /proc is mounted) is left out.
void WriteProcessMetrics(Exposition& exposition);

}  // namespace iris
