// SPDX-License-Identifier: Apache-2.0
//
// serve: model, listeners, server, "listening on …", then wait for a signal and drain.

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
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
#include "src/model_file/json_model.h"
#include "src/serving/server.h"
#include "src/svm/trainer.h"
#include "src/system/listener.h"
#include "src/system/signals.h"

namespace iris {
namespace {

struct ServeOptions {
  std::string model_file;
  std::vector<std::string> listen;
  std::chrono::milliseconds drain_timeout{10'000};
  std::string reflection = "on";
  ServerTlsOptions tls;
  ErrorCode bad_address = ErrorCode::kInvalidArgument;  ///< kConfiguration when the addresses are from IRIS_LISTEN.
  std::string listen_name = "--listen";                 ///< Or IRIS_LISTEN.
};

/// While the server drains: a second SIGTERM or SIGINT ends the process at once with 128 + its number, as the signal
/// itself would have done.
class SecondSignalWatch {
 public:
  SecondSignalWatch() {
    try {
      thread_ = std::thread([this] { Watch(); });
    } catch (const std::system_error&) {
      // No thread to be had: the drain still has its deadline, and there is always SIGKILL.
    }
  }

  ~SecondSignalWatch() {
    if (!thread_.joinable()) return;
    done_ = true;
    ::pthread_kill(thread_.native_handle(), SIGHUP);  // blocked, hence only wakes the thread that waits for it
    thread_.join();
  }

  SecondSignalWatch(const SecondSignalWatch&) = delete;
  SecondSignalWatch& operator=(const SecondSignalWatch&) = delete;

 private:
  void Watch() {
    while (!done_) {
      const Result<int> signal = WaitForSignal();
      if (done_ || !signal) return;
      if (*signal == SIGHUP) continue;
      PrintMessage("second signal while draining: ending at once");
      ::_exit(128 + *signal);
    }
  }

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

ExitCode Serve(const ServeOptions& options) {
  Result<Model> model = options.model_file.empty() ? Train(LoadIris(), TrainOptions{}) : LoadModel(options.model_file);
  if (!model) return Report(model.error());

  Result<std::optional<ServerTls>> tls = LoadServerTls(options.tls);
  if (!tls) return Report(tls.error());
  Result<std::vector<Listener>> listeners = OpenListeners(options);
  if (!listeners) return Report(listeners.error());
  std::vector<std::string> addresses;
  for (const Listener& listener : *listeners) addresses.push_back(listener.address());

  Result<std::unique_ptr<Server>> server =
      Server::Start(std::make_shared<const Model>(std::move(*model)), std::move(*listeners),
                    ServerOptions{.reflection = options.reflection == "on", .tls = *std::move(tls)});
  if (!server) return Report(server.error());
  for (const std::string& address : addresses) PrintNotice("listening on " + address);

  const Result<void> ended = WaitForEnd();
  if (!ended) return Report(ended.error());
  const SecondSignalWatch watch;
  if (!(*server)->Drain(options.drain_timeout)) {
    PrintMessage("some calls had not finished within the drain timeout and were cancelled");
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
      "SIGINT drains and ends it with exit code 0; a second one ends it at once (exit code 128 + signal).");
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
