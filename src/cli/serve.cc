// SPDX-License-Identifier: Apache-2.0
//
// serve: model, listeners, server, "listening on …", then wait for a signal and drain.

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "src/base/number.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/exit_code.h"
#include "src/cli/options.h"
#include "src/cli/tls_options.h"
#include "src/dataset/iris.h"
#include "src/model_file/model_file.h"
#include "src/serving/server.h"
#include "src/svm/trainer.h"
#include "src/system/listener.h"
#include "src/system/log.h"
#include "src/system/signals.h"

namespace iris {
namespace {

/// A signal that comes this soon after the first is the same request: `timeout` sends SIGTERM to its child and then to
/// the group, and a shell's Ctrl-C reaches us and a wrapper that passes it on.
constexpr std::chrono::milliseconds kSameRequest{1000};

struct ServeOptions {
  std::string model_file;
  std::vector<std::string> listen;
  std::chrono::milliseconds drain_timeout{10'000};
  std::string reflection = "on";
  ServerTlsOptions tls;
  ErrorCode bad_address = ErrorCode::kInvalidArgument;  ///< kConfiguration when the addresses are from IRIS_LISTEN.
  std::string listen_name = "--listen";                 ///< Or IRIS_LISTEN.
};

/// Ends the process at once with 128 + its number, as the signal itself would have done, when a SIGTERM or SIGINT comes
/// while this lives. Those of the first `grace` are taken and do nothing.
class EndingWatch {
 public:
  EndingWatch(std::string message, std::chrono::milliseconds grace)
      : message_(std::move(message)), deaf_until_(std::chrono::steady_clock::now() + grace) {
    try {
      thread_ = std::thread([this] { Watch(); });
    } catch (const std::system_error&) {
      // No thread to be had: a start goes on, a drain has its deadline, and there is always SIGKILL.
    }
  }

  /// From now on signals wait for whoever asks for them next; none is lost.
  ~EndingWatch() {
    if (!thread_.joinable()) return;
    done_ = true;
    ::pthread_kill(thread_.native_handle(), SIGHUP);  // blocked, hence only wakes the thread that waits for it
    thread_.join();
  }

  EndingWatch(const EndingWatch&) = delete;
  EndingWatch& operator=(const EndingWatch&) = delete;

 private:
  void Watch() {
    for (;;) {
      const Result<int> signal = WaitForSignal();
      if (!signal) return;
      if (*signal != SIGHUP && std::chrono::steady_clock::now() >= deaf_until_) {
        WriteLogLine("iris-predictor: " + message_);
        ::_exit(128 + *signal);
      }
      if (done_) return;
    }
  }

  const std::string message_;
  const std::chrono::steady_clock::time_point deaf_until_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

Result<std::vector<Listener>> OpenListeners(const ServeOptions& options) {
  std::vector<Listener> listeners;
  for (const std::string& text : options.listen) {
    const Result<ListenAddress> address = ParseListenAddress(text);
    if (!address) return Fail(options.bad_address, options.listen_name + ": " + address.error().message);
    Result<Listener> listener = Listener::Open(*address);
    if (!listener) return std::unexpected(listener.error());
    listeners.push_back(std::move(*listener));
  }
  return listeners;
}

/// Waits for SIGTERM or SIGINT. SIGHUP is taken and does nothing.
Result<void> WaitForEnd() {
  for (;;) {
    const Result<int> signal = WaitForSignal();
    if (!signal) return std::unexpected(signal.error());
    if (*signal != SIGHUP) return {};
  }
}

Result<Model> LoadServedModel(const std::string& path) {
  if (path.empty()) return Train(LoadIris(), TrainOptions{});
  return LoadModel(path);
}

/// What takes time before the first connection: files on slow disks, names to be resolved.
struct Prepared {
  Model model;
  std::optional<ServerTls> tls;
  std::vector<Listener> listeners;
};

Result<Prepared> Prepare(const ServeOptions& options) {
  const EndingWatch watch("signal during the start: ending at once", std::chrono::milliseconds(0));
  Result<Model> model = LoadServedModel(options.model_file);
  if (!model) return std::unexpected(std::move(model.error()));
  Result<std::optional<ServerTls>> tls = LoadServerTls(options.tls);
  if (!tls) return std::unexpected(std::move(tls.error()));
  Result<std::vector<Listener>> listeners = OpenListeners(options);
  if (!listeners) return std::unexpected(std::move(listeners.error()));
  return Prepared{*std::move(model), *std::move(tls), *std::move(listeners)};
}

ExitCode Serve(const ServeOptions& options) {
  Result<Prepared> prepared = Prepare(options);
  if (!prepared) return Report(prepared.error());
  std::vector<std::string> addresses;
  for (const Listener& listener : prepared->listeners) addresses.push_back(listener.address());

  Result<std::unique_ptr<Server>> server =
      Server::Start(std::make_shared<const Model>(std::move(prepared->model)), std::move(prepared->listeners),
                    ServerOptions{.reflection = options.reflection == "on", .tls = std::move(prepared->tls)});
  if (!server) return Report(server.error());
  for (const std::string& address : addresses) WriteLogLine("listening on " + address);

  const Result<void> ended = WaitForEnd();
  if (!ended) return Report(ended.error());
  const EndingWatch watch("second signal while draining: ending at once", kSameRequest);
  if (!(*server)->Drain(options.drain_timeout)) {
    WriteLogLine("iris-predictor: some calls had not finished within the drain timeout and were cancelled");
  }
  return ExitCode::kOk;
}

}  // namespace

std::function<ExitCode()> DefineServe(CLI::App& app) {
  const auto options = std::make_shared<ServeOptions>();
  AddText(app, "--model", "FILE", "serve this model instead of the embedded Iris model", options->model_file);
  const CLI::Option* listen =
      AddTexts(app, "--listen", "ADDRESS",
               "where to listen: HOST:PORT (port 0 lets the system choose) or unix:PATH; may be repeated",
               options->listen)
          ->default_str("[::]:50052");
  AddServerTlsOptions(app, options->tls);
  AddSeconds(app, "--drain-timeout", "how long calls in flight may take to finish after SIGTERM or SIGINT",
             std::chrono::milliseconds(0), options->drain_timeout)
      ->default_str("10");
  AddChoice(app, "--reflection", {"on", "off"}, "offer server reflection", options->reflection)->default_str("on");
  app.footer(
      "Prints 'listening on ADDRESS' on standard error, a line an address, once it accepts connections. SIGTERM or "
      "SIGINT drains and ends it with exit code 0; another one more than a second later, or one before it listens, "
      "ends it at once (exit code 128 + signal).");
  return [&app, listen, options] {
    if (SourceOf(app, listen) == ValueSource::kEnvironment) {
      options->bad_address = ErrorCode::kConfiguration;
      options->listen_name = "IRIS_LISTEN";
    }
    if (options->listen.empty()) options->listen = {"[::]:50052"};
    return Serve(*options);
  };
}

}  // namespace iris
