// SPDX-License-Identifier: Apache-2.0
//
// bench: a load on a server, and what it did: calls a second, latencies, and whether every answer was right.

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "src/base/number.h"
#include "src/cli/bench_report.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/exit_code.h"
#include "src/cli/model_report.h"
#include "src/cli/options.h"
#include "src/cli/progress.h"
#include "src/cli/server_address.h"
#include "src/cli/settings.h"
#include "src/cli/text_table.h"
#include "src/cli/tls_options.h"
#include "src/dataset/iris.h"
#include "src/load/load.h"
#include "src/model_file/model_file.h"
#include "src/svm/predictor.h"
#include "src/svm/trainer.h"
#include "src/system/signals.h"

namespace iris {
namespace {

constexpr std::uint64_t kMostConnections = 10'000;
constexpr std::uint64_t kMostInFlight = 10'000;
constexpr std::uint64_t kMostThreads = 256;
constexpr std::uint64_t kMostRows = 1'000'000;  // 32 MB
constexpr double kLeastRate = 0.001, kMostRate = 1e7;
constexpr std::uint64_t kOpenInFlight = 100;  // what most servers allow on a connection
constexpr std::chrono::seconds kUsualDuration{10};
constexpr std::chrono::milliseconds kLook{50};  // how often to look whether it is over

struct BenchOptions {
  LoadOptions load;
  ClientTlsOptions tls;
  std::uint64_t connections = 1;
  std::uint64_t in_flight = 0;  // not given
  std::uint64_t threads = 1;
  std::uint64_t calls = 0;  // not given
  std::uint64_t rows = 0;   // not given: unary
  std::string model_file;
  std::string model_name = "iris";
  bool json = false;
};

/// The embedded flowers, and what the model says of each.
Result<Flowers> LoadFlowers(const std::string& model_file) {
  const Dataset iris = LoadIris();
  const Result<Model> model = model_file.empty() ? Train(iris, TrainOptions{}) : LoadModel(model_file);
  if (!model) return std::unexpected(model.error());
  if (model->feature_count() != iris.feature_count()) {
    return Fail(ErrorCode::kFailedPrecondition,
                model_file + ": the model has " + Counted(model->feature_count(), "feature") +
                    "; bench asks about flowers, which have " + std::to_string(iris.feature_count()));
  }
  return Flowers{.samples = std::get<DenseMatrix>(iris.features).values, .species = PredictAll(*model, iris.features)};
}

/// Whether a signal is for us: not where it was ignored from the start, as by nohup.
bool IsToEnd(int signal) {
  struct sigaction action = {};
  return ::sigaction(signal, nullptr, &action) != 0 || action.sa_handler != SIG_IGN;
}

/// Shows how far it has come until it is over, or a signal ends it.
Result<void> Watch(Load& load, Progress& progress) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  Clock::time_point last = begin;
  std::uint64_t seen = 0;
  while (!load.done()) {
    const Result<std::optional<int>> signal = WaitForSignal(kLook);
    if (!signal) return std::unexpected(signal.error());
    if (*signal && IsToEnd(**signal)) load.Stop();
    const Clock::time_point now = Clock::now();
    if (now - last < std::chrono::milliseconds(500)) continue;
    const double rate = static_cast<double>(load.seen() - seen) / std::chrono::duration<double>(now - last).count();
    const double so_far = std::chrono::duration<double>(now - begin).count();
    char text[96];
    std::snprintf(text, sizeof text, "%.0f calls a second, %.0f s so far", rate, so_far);
    progress.ShowNow(text);
    seen = load.seen();
    last = now;
  }
  return {};
}

ExitCode Judge(const BenchSubject& subject, const LoadResult& result) {
  const LoadTally& tally = result.tally;
  if (const std::string warning = RateWarning(subject, result); !warning.empty()) PrintMessage(warning);
  if (tally.wrong > 0) {
    PrintMessage(Counted(tally.wrong, "answer") + " differed from what the model predicts");
    return ExitCode::kCheckFailed;
  }
  if (tally.failures() > 0) {
    PrintMessage(Counted(tally.failures(), "call") + " failed");
    return tally.answered() == 0 ? ExitCode::kUnavailable : ExitCode::kCheckFailed;
  }
  if (tally.answered() > 0) return ExitCode::kOk;
  PrintMessage("nothing was measured: it ended before the first call after warming up was answered");
  return ExitCode::kCheckFailed;
}

ExitCode RunBench(BenchOptions& options) {
  const Result<Flowers> flowers = LoadFlowers(options.model_file);
  if (!flowers) return Report(flowers.error());
  Result<std::optional<ClientTls>> tls = LoadClientTls(options.tls);
  if (!tls) return Report(tls.error());
  options.load.server.tls = *std::move(tls);
  Workload workload = options.rows == 0 ? Workload::Unary(*flowers)
                                        : Workload::Batched(*flowers, options.rows, options.model_name);
  BenchSubject subject{.path = workload.path(), .rows = workload.rows(), .options = options.load};
  const Result<std::unique_ptr<Load>> load = Load::Connect(options.load, std::move(workload));
  if (!load) return Report(load.error());
  subject.server = (*load)->server();
  subject.threads = (*load)->threads();
  if (const Result<void> started = (*load)->Start(); !started) return Report(started.error());
  Progress progress;
  const Result<void> watched = Watch(**load, progress);
  progress.Erase();
  if (!watched) return Report(watched.error());
  const LoadResult result = (*load)->Finish();
  const ExitCode printed =
      PrintResult(options.json ? JsonText(BenchJson(subject, result)) : BenchText(subject, result));
  const ExitCode judged = Judge(subject, result);
  return printed == ExitCode::kOk ? judged : printed;
}

void Settle(BenchOptions& options) {
  LoadOptions& load = options.load;
  load.connections = options.connections;
  load.threads = options.threads;
  load.in_flight = options.in_flight != 0 ? options.in_flight : load.rate ? kOpenInFlight : 1;
  if (options.calls != 0) load.calls = options.calls;
  if (!load.calls && !load.duration) load.duration = kUsualDuration;
}

void AddLoadOptions(CommandDefinition& app, BenchOptions& target) {
  AddCount(app, "--connections", "C", "connections to make", 1, kMostConnections, target.connections)->set_default_text("1");
  AddCount(app, "--in-flight", "M", "calls under way at once on each connection; with --rate the most there may be", 1,
           kMostInFlight, target.in_flight)
      ->set_default_text("1, or 100 with --rate");
  AddOption(app, "--rate", "R",
            "calls a second, whatever the server does; a latency counts from when the call was due. Otherwise each "
            "call waits for the one before it",
            [&target](const std::string& text) -> Result<void> {
              const std::optional<double> rate = ParseDouble(text);
              if (!rate || !(*rate >= kLeastRate && *rate <= kMostRate)) {
                return Fail(ErrorCode::kInvalidArgument,
                            "found '" + text + "', expected calls a second from 0.001 to 10000000");
              }
              target.load.rate = *rate;
              return {};
            });
  AddSeconds(app, "--warm-up", "how long to go before measuring begins", std::chrono::milliseconds(0),
             target.load.warm_up)
      ->set_default_text("1");
  AddSeconds(app, "--duration", "how long to measure", std::chrono::milliseconds(1), target.load.duration)
      ->set_default_text("10, or until --calls are made");
  AddCount(app, "--calls", "N", "end once so many calls have been measured", 1, std::uint64_t{1} << 53, target.calls);
  AddCount(app, "--batch", "ROWS",
           "ask ModelInfer of the Open Inference Protocol about so many flowers a call, instead of "
           "PredictIrisSpecies about one",
           1, kMostRows, target.rows);
  AddText(app, "--model", "FILE", "the model that the server serves, by which its answers are checked",
          target.model_file)
      ->set_default_text("the embedded one");
  AddText(app, "--model-name", "NAME", "with --batch, what the server calls its model", target.model_name)
      ->set_default_text(target.model_name);
  AddCount(app, "--threads", "N", "threads that make the load; no more than there are connections", 1, kMostThreads,
           target.threads)
      ->set_default_text("1");
}

}  // namespace

std::function<ExitCode()> DefineBench(CommandDefinition& app) {
  const auto options = std::make_shared<BenchOptions>();
  AddServerAddressOptions(app, options->load.server);
  AddLoadOptions(app, *options);
  AddClientTlsOptions(app, options->tls);
  AddConfigOption(app);
  AddFlag(app, "--json", "print JSON, times in seconds", options->json);
  app.set_footer(
      "First every connection is made and each of the 150 Iris flowers asked about, then the load begins; every answer "
      "is checked. The exit code is 1 when one was wrong or failed. Ctrl-C ends it early and prints what was measured. "
      "Load a server of your own, and best from another machine: both need the processor.");
  return [options] {
    Settle(*options);
    return RunBench(*options);
  };
}

}  // namespace iris
