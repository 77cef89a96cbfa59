// SPDX-License-Identifier: Apache-2.0

#include "src/cli/bench_report.h"

#include <array>
#include <cstdio>
#include <utility>

#include "src/cli/text_table.h"
#include "src/rpc/status_name.h"
#include "src/system/log.h"

namespace iris {
namespace {

using std::chrono::nanoseconds;

struct Percentile {
  const char* shown;
  const char* key;
  double fraction;
};
constexpr std::array kPercentiles = {Percentile{"p50", "p50", 0.5}, Percentile{"p90", "p90", 0.9},
                                     Percentile{"p99", "p99", 0.99}, Percentile{"p99.9", "p99_9", 0.999},
                                     Percentile{"p99.99", "p99_99", 0.9999}};

double Seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

double PerSecond(double count, const LoadResult& result) {
  return result.elapsed > nanoseconds(0) ? count / Seconds(result.elapsed) : 0;
}

double Answered(const LoadResult& result) { return static_cast<double>(result.tally.answered()); }

double ProcessorTimePerCall(const LoadResult& result) {
  return result.calls == 0 ? 0 : Seconds(result.processor_time) / static_cast<double>(result.calls);
}

/// "412 us", "1.23 ms", "5 s": as many digits as a bucket of the histogram is worth.
std::string TimeText(double seconds) {
  const auto [factor, unit] = seconds < 1e-3 ? std::pair(1e6, "us") : seconds < 1 ? std::pair(1e3, "ms")
                                                                                   : std::pair(1.0, "s");
  char text[40];
  std::snprintf(text, sizeof text, "%.4g %s", seconds * factor, unit);
  return text;
}

std::string Rate(double per_second) {
  char text[40];
  std::snprintf(text, sizeof text, per_second < 100 ? "%.2f" : "%.0f", per_second);
  return text;
}

std::string Line(const std::string& label, const std::string& text) {
  return label + std::string(label.size() < 11 ? 11 - label.size() : 1, ' ') + text + "\n";
}

std::string Head(const BenchSubject& subject, const LoadResult& result) {
  const LoadOptions& options = subject.options;
  std::string out = subject.server + (options.server.tls ? ", TLS, " : ", plaintext, ") + subject.path.substr(1);
  if (subject.rows > 1) out += " of " + Counted(subject.rows, "row");
  out += options.rate ? "\nopen loop, " + Rate(*options.rate) + " calls a second: " : "\nclosed loop: ";
  out += Counted(options.connections, "connection") + ", " + (options.rate ? "at most " : "") +
         Counted(options.in_flight, "call") + " in flight on each, " + Counted(subject.threads, "thread") + ", " +
         TimeText(Seconds(result.elapsed)) + " after " + TimeText(Seconds(options.warm_up)) + " of warming up";
  return out + (result.interrupted ? ", interrupted\n" : "\n");
}

}  // namespace

std::string BenchText(const BenchSubject& subject, const LoadResult& result) {
  const LoadTally& tally = result.tally;
  std::string calls = std::to_string(tally.answered()) + " answered, " + std::to_string(tally.wrong) + " wrong, " +
                      std::to_string(tally.failures()) + " failed";
  if (subject.options.rate) calls += ", " + std::to_string(result.not_sent) + " not sent";
  std::string out = Head(subject, result) + "\n" + Line("calls", calls);
  out += Line("rate", Rate(PerSecond(Answered(result), result)) + " calls a second");
  if (subject.rows > 1) {
    out += Line("", Rate(PerSecond(Answered(result) * static_cast<double>(subject.rows), result)) + " rows a second");
  }
  if (tally.answered() > 0) {
    out += Line("latency", "");
    out.erase(out.find_last_not_of(" \n") + 1).push_back('\n');
    for (const Percentile& each : kPercentiles) {
      out += Line(std::string("  ") + each.shown, TimeText(Seconds(tally.latencies.Quantile(each.fraction))));
    }
    out += Line("  max", TimeText(Seconds(tally.latencies.max())));
    out += Line("  mean", TimeText(Seconds(tally.latencies.mean())));
  }
  for (std::size_t code = 0; code < kStatusCodes; ++code) {
    if (tally.failed[code] == 0) continue;
    out += Line("failed", std::to_string(tally.failed[code]) + " " + std::string(StatusName(static_cast<int>(code))) +
                              ": " + Printable(tally.reasons[code]));
  }
  return out + Line("processor", TimeText(ProcessorTimePerCall(result)) + " a call, of this load generator");
}

nlohmann::ordered_json BenchJson(const BenchSubject& subject, const LoadResult& result) {
  const LoadOptions& options = subject.options;
  const LoadTally& tally = result.tally;
  nlohmann::ordered_json json = {{"server", subject.server},
                                 {"tls", options.server.tls.has_value()},
                                 {"method", subject.path.substr(1)},
                                 {"rows_per_call", subject.rows},
                                 {"loop", options.rate ? "open" : "closed"},
                                 {"connections", options.connections},
                                 {"in_flight", options.in_flight},
                                 {"threads", subject.threads},
                                 {"rate", nullptr},
                                 {"warm_up_seconds", Seconds(options.warm_up)},
                                 {"seconds", Seconds(result.elapsed)},
                                 {"interrupted", result.interrupted}};
  json["calls"] = {{"answered", tally.answered()},
                   {"wrong", tally.wrong},
                   {"failed", tally.failures()},
                   {"not_sent", result.not_sent}};
  json["failures"] = nlohmann::ordered_json::object();
  for (std::size_t code = 0; code < kStatusCodes; ++code) {
    if (tally.failed[code] == 0) continue;
    json["failures"][std::string(StatusName(static_cast<int>(code)))] = {{"count", tally.failed[code]},
                                                                         {"reason", Printable(tally.reasons[code])}};
  }
  json["calls_per_second"] = PerSecond(Answered(result), result);
  json["rows_per_second"] = PerSecond(Answered(result) * static_cast<double>(subject.rows), result);
  for (const char* key : {"sent_per_second", "rate_held", "latest_start_seconds"}) json[key] = nullptr;
  if (options.rate) {
    json["rate"] = *options.rate;
    json["sent_per_second"] = result.sent_rate;
    json["rate_held"] = result.rate_held;
    json["latest_start_seconds"] = Seconds(tally.latest);
  }
  json["latency_seconds"] = nullptr;
  if (tally.answered() > 0) {
    const LatencyHistogram& all = tally.latencies;
    nlohmann::ordered_json latency = {{"min", Seconds(all.min())}, {"mean", Seconds(all.mean())}};
    for (const Percentile& each : kPercentiles) latency[each.key] = Seconds(all.Quantile(each.fraction));
    latency["max"] = Seconds(all.max());
    json["latency_seconds"] = std::move(latency);
  }
  json["processor_seconds_per_call"] = ProcessorTimePerCall(result);
  return json;
}

std::string RateWarning(const BenchSubject& subject, const LoadResult& result) {
  if (!subject.options.rate || result.rate_held) return "";
  return "the rate could not be held: of " + Rate(*subject.options.rate) + " calls a second " + Rate(result.sent_rate) +
         " were sent; the server or this machine is at its limit, or the load needs more --connections, --in-flight or "
         "--threads";
}

}  // namespace iris
