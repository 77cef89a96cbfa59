// SPDX-License-Identifier: Apache-2.0
//
// What bench measured, as people and programs read it on standard output.

#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "src/load/load.h"

namespace iris {

/// The load that was measured.
struct BenchSubject {
  std::string server{};  ///< "localhost:50052"
  std::string path;    ///< "/ml.IrisPredictor/PredictIrisSpecies"
  std::size_t rows = 1;
  std::size_t threads = 1;
  LoadOptions options;
};

/// Some lines: what was asked of whom, calls, rate, latencies, failures with their reasons, and the processor time that
/// making the load took.
std::string BenchText(const BenchSubject& subject, const LoadResult& result);

/// server, tls, method, rows_per_call, loop, connections, in_flight, threads, rate, warm_up_seconds, seconds,
/// interrupted, calls {answered, wrong, failed, not_sent}, failures {STATUS: {count, reason}}, calls_per_second,
/// rows_per_second, sent_per_second, rate_held, latest_start_seconds, latency_seconds {min, mean, p50, …, max},
/// processor_seconds_per_call. What a closed loop does not have, and a latency of no call, is null.
nlohmann::ordered_json BenchJson(const BenchSubject& subject, const LoadResult& result);

/// "the rate could not be held: …" where that is so; empty otherwise.
std::string RateWarning(const BenchSubject& subject, const LoadResult& result);

}  // namespace iris
