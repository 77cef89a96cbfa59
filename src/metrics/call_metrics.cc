// SPDX-License-Identifier: Apache-2.0

#include "src/metrics/call_metrics.h"

#include <algorithm>

namespace iris {
namespace {

// As gRPC's status codes are numbered.
constexpr std::array<std::string_view, 17> kCodeNames = {
    "OK",         "Canceled",          "Unknown",        "InvalidArgument",  "DeadlineExceeded",   "NotFound",
    "AlreadyExists", "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange",
    "Unimplemented", "Internal",        "Unavailable",    "DataLoss",         "Unauthenticated"};
constexpr std::size_t kUnknownCode = 2;

struct Bound {
  std::int64_t nanoseconds;
  std::string_view text;  // in seconds, with a point: OpenMetrics wants it
};
// The usual ones of Prometheus' libraries, 5 ms to 10 s, and five below them: a prediction takes some 10 µs.
constexpr std::array<Bound, 16> kBounds = {
    {{50'000, "5e-05"},         {100'000, "0.0001"},      {250'000, "0.00025"},     {500'000, "0.0005"},
     {1'000'000, "0.001"},      {5'000'000, "0.005"},     {10'000'000, "0.01"},     {25'000'000, "0.025"},
     {50'000'000, "0.05"},      {100'000'000, "0.1"},     {250'000'000, "0.25"},    {500'000'000, "0.5"},
     {1'000'000'000, "1.0"},    {2'500'000'000, "2.5"},   {5'000'000'000, "5.0"},   {10'000'000'000, "10.0"}}};
constexpr double kNanosecondsPerSecond = 1e9;

std::string_view TypeName(MethodType type) {
  switch (type) {
    case MethodType::kUnary:
      return "unary";
    case MethodType::kServerStream:
      return "server_stream";
    case MethodType::kBidiStream:
      return "bidi_stream";
  }
  return "unary";
}

}  // namespace

CallMetrics::Method CallMetrics::Describe(const ObservedMethod& method) {
  const std::size_t slash = method.path.rfind('/');
  if (slash == std::string_view::npos) {  // the unknown one
    return {.type = TypeName(method.type), .service = std::string(method.path), .name = std::string(method.path)};
  }
  return {.type = TypeName(method.type),
          .service = std::string(method.path.substr(1, slash - 1)),
          .name = std::string(method.path.substr(slash + 1))};
}

void CallMetrics::Begin(std::span<const ObservedMethod> methods, std::size_t queues) {
  for (const ObservedMethod& method : methods) methods_.push_back(Describe(method));
  queues_ = queues;
  counts_ = std::make_unique<Counts[]>(methods_.size() * queues_);
  ready_ = true;
}

void CallMetrics::Started(const ObservedMethod& method, std::size_t queue) { At(method.index, queue).started.Add(1); }

void CallMetrics::Received(const ObservedMethod& method, std::size_t queue) { At(method.index, queue).received.Add(1); }

void CallMetrics::Sent(const ObservedMethod& method, std::size_t queue) { At(method.index, queue).sent.Add(1); }

void CallMetrics::Finished(const CallRecord& record) {
  Counts& counts = At(record.method->index, record.queue);
  const std::size_t code = static_cast<std::size_t>(record.code);
  counts.handled[code < kCodes ? code : kUnknownCode].Add(1);
  const std::int64_t nanoseconds = record.elapsed.count();
  const auto bound = std::ranges::find_if(kBounds, [=](const Bound& b) { return nanoseconds <= b.nanoseconds; });
  counts.buckets[static_cast<std::size_t>(bound - kBounds.begin())].Add(1);
  counts.nanoseconds.Add(static_cast<std::uint64_t>(nanoseconds));
}

template <typename Get>
std::uint64_t CallMetrics::Sum(std::size_t method, Get get) const {
  std::uint64_t sum = 0;
  for (std::size_t queue = 0; queue < queues_; ++queue) sum += get(counts_[queue * methods_.size() + method]).Get();
  return sum;
}

template <typename Get>
void CallMetrics::WriteCounter(Exposition& exposition, std::string_view name, std::string_view help, Get get) const {
  exposition.Family(name, MetricType::kCounter, help);
  for (std::size_t i = 0; i < methods_.size(); ++i) {
    const Method& method = methods_[i];
    exposition.Sample({{"grpc_type", method.type}, {"grpc_service", method.service}, {"grpc_method", method.name}},
                      Sum(i, get));
  }
}

void CallMetrics::WriteHandled(Exposition& exposition) const {
  exposition.Family("grpc_server_handled_total", MetricType::kCounter,
                    "Calls that are over, by method and the status that their caller has.");
  for (std::size_t i = 0; i < methods_.size(); ++i) {
    const Method& method = methods_[i];
    for (std::size_t code = 0; code < kCodes; ++code) {
      exposition.Sample({{"grpc_type", method.type},
                         {"grpc_service", method.service},
                         {"grpc_method", method.name},
                         {"grpc_code", kCodeNames[code]}},
                        Sum(i, [code](const Counts& counts) -> const Cell& { return counts.handled[code]; }));
    }
  }
}

void CallMetrics::WriteSeconds(Exposition& exposition) const {
  exposition.Family("grpc_server_handling_seconds", MetricType::kHistogram,
                    "From when a call and its first message were there to when its status was sent.");
  for (std::size_t i = 0; i < methods_.size(); ++i) {
    const Method& method = methods_[i];
    std::uint64_t count = 0;
    for (std::size_t bucket = 0; bucket <= kBuckets; ++bucket) {
      count += Sum(i, [bucket](const Counts& counts) -> const Cell& { return counts.buckets[bucket]; });
      exposition.Sample({{"grpc_type", method.type},
                         {"grpc_service", method.service},
                         {"grpc_method", method.name},
                         {"le", bucket < kBuckets ? kBounds[bucket].text : "+Inf"}},
                        count, "_bucket");
    }
    const std::uint64_t nanoseconds = Sum(i, [](const Counts& counts) -> const Cell& { return counts.nanoseconds; });
    const Exposition::Labels labels = {
        {"grpc_type", method.type}, {"grpc_service", method.service}, {"grpc_method", method.name}};
    exposition.Sample(labels, static_cast<double>(nanoseconds) / kNanosecondsPerSecond, "_sum");
    exposition.Sample(labels, count, "_count");
  }
}

void CallMetrics::Write(Exposition& exposition) const {
  if (!ready_) return;
  WriteCounter(exposition, "grpc_server_started_total", "Calls that came in, by method.",
               [](const Counts& counts) -> const Cell& { return counts.started; });
  WriteHandled(exposition);
  WriteSeconds(exposition);
  WriteCounter(exposition, "grpc_server_msg_received_total", "Messages received, by method.",
               [](const Counts& counts) -> const Cell& { return counts.received; });
  WriteCounter(exposition, "grpc_server_msg_sent_total", "Messages sent, by method.",
               [](const Counts& counts) -> const Cell& { return counts.sent; });
}

}  // namespace iris
