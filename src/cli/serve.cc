// SPDX-License-Identifier: Apache-2.0
//
// serve: model, listeners, server, "listening on …", then wait for a signal and drain.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/ending_watch.h"
#include "src/cli/exit_code.h"
#include "src/cli/limit_options.h"
#include "src/cli/options.h"
#include "src/cli/reload.h"
#include "src/cli/served_model_options.h"
#include "src/cli/tls_options.h"
#include "src/cli/tls_reload.h"
#include "src/serving/server.h"
#include "src/system/listener.h"
#include "src/system/log.h"

namespace iris {
namespace {

/// A signal that comes this soon after the first is the same request: `timeout` sends SIGTERM to its child and then to
/// the group, and a shell's Ctrl-C reaches us and a wrapper that passes it on.
constexpr std::chrono::milliseconds kSameRequest{1000};

/// Addresses of one option.
struct AddressOption {
  std::string name;                                 ///< "--listen", or "IRIS_LISTEN" if they are from there.
  ErrorCode bad_address = ErrorCode::kInvalidArgument;  ///< kConfiguration if so.
  std::vector<std::string> addresses{};
};

struct ServeOptions {
  ServedModelOptions model;
  AddressOption listen{.name = "--listen"};
  AddressOption listen_plaintext{.name = "--listen-plaintext"};
  std::chrono::milliseconds drain_timeout{10'000};
  std::string reflection = "on";
  ServerTlsOptions tls;
  ServerLimits limits;
};

/// Puts listeners on the addresses of `option` behind those that are in `listeners`.
Result<void> OpenListeners(const AddressOption& option, bool tls, std::vector<ServedListener>& listeners) {
  for (const std::string& text : option.addresses) {
    const Result<ListenAddress> address = ParseListenAddress(text);
    if (!address) return Fail(option.bad_address, option.name + ": " + address.error().message);
    Result<Listener> listener = Listener::Open(*address);
    if (!listener) return std::unexpected(listener.error());
    listeners.push_back({.listener = *std::move(listener), .tls = tls});
  }
  return {};
}

/// What takes time before the first connection: files on slow disks, names to be resolved.
struct Prepared {
  ServedModel model;
  std::shared_ptr<ServerTlsStore> tls;  ///< Null: plaintext.
  std::vector<ServedListener> listeners{};
};

Result<Prepared> Prepare(const ServeOptions& options) {
  const EndingWatch watch("signal during the start: ending at once", std::chrono::milliseconds(0));
  Result<ServedModel> model = LoadServedModel(options.model);
  if (!model) return std::unexpected(std::move(model.error()));
  Result<std::shared_ptr<ServerTlsStore>> tls = LoadServerTls(options.tls);
  if (!tls) return std::unexpected(std::move(tls.error()));
  Prepared prepared{.model = *std::move(model), .tls = *std::move(tls)};
  if (prepared.tls == nullptr && !options.listen_plaintext.addresses.empty()) {
    return Fail(ErrorCode::kConfiguration,
                options.listen_plaintext.name + " is given without TLS (--tls-cert and --tls-key), where every address "
                                                "is plaintext; use --listen");
  }
  Result<void> opened = OpenListeners(options.listen, prepared.tls != nullptr, prepared.listeners);
  if (opened) opened = OpenListeners(options.listen_plaintext, false, prepared.listeners);
  if (!opened) return std::unexpected(std::move(opened.error()));
  return prepared;
}

ExitCode Serve(const ServeOptions& options) {
  Result<Prepared> prepared = Prepare(options);
  if (!prepared) return Report(prepared.error());
  std::vector<std::string> announcements;
  for (const ServedListener& served : prepared->listeners) {
    announcements.push_back("listening on " + served.listener.address() + (served.tls ? " (TLS)" : ""));
  }
  std::vector<std::unique_ptr<Reloadable>> reloadables;
  if (prepared->tls) reloadables.push_back(std::make_unique<TlsReload>(prepared->tls, options.tls.reload_interval));

  Result<std::unique_ptr<Server>> server =
      Server::Start(std::move(prepared->model), std::move(prepared->listeners),
                    {.version = IRIS_VERSION, .reflection = options.reflection == "on", .tls = prepared->tls, .limits = options.limits});
  if (!server) return Report(server.error());
  for (const std::string& announcement : announcements) WriteLogLine(announcement);

  const Result<void> ended = WaitForEnd(reloadables);
  if (!ended) return Report(ended.error());
  const EndingWatch watch("second signal while draining: ending at once", kSameRequest);
  if (!(*server)->Drain(options.drain_timeout)) {
    WriteLogLine("iris-predictor: some calls had not finished within the drain timeout and were cancelled");
  }
  return ExitCode::kOk;
}

void NoteSource(const CLI::App& app, const CLI::Option* option, AddressOption& target) {
  target.name = NameInMessages(app, option);
  if (SourceOf(app, option) == ValueSource::kEnvironment) target.bad_address = ErrorCode::kConfiguration;
}

}  // namespace

std::function<ExitCode()> DefineServe(CLI::App& app) {
  const auto options = std::make_shared<ServeOptions>();
  AddServedModelOptions(app, options->model);
  const CLI::Option* listen =
      AddTexts(app, "--listen", "ADDRESS",
               "where to listen: HOST:PORT (port 0 lets the system choose) or unix:PATH; may be repeated",
               options->listen.addresses)
          ->default_str("[::]:50052");
  const CLI::Option* listen_plaintext =
      AddTexts(app, "--listen-plaintext", "ADDRESS",
               "where to listen without TLS, beside --listen with it; may be repeated",
               options->listen_plaintext.addresses);
  AddServerTlsOptions(app, options->tls);
  AddSeconds(app, "--drain-timeout", "how long calls in flight may take to finish after SIGTERM or SIGINT",
             std::chrono::milliseconds(0), options->drain_timeout)
      ->default_str("10");
  AddChoice(app, "--reflection", {"on", "off"}, "offer server reflection", options->reflection)->default_str("on");
  AddLimitOptions(app, options->limits);
  app.footer(
      "Prints 'listening on ADDRESS' on standard error, with ' (TLS)' behind it where that is spoken, a line an "
      "address, once it accepts connections. SIGTERM or SIGINT drains and ends it with exit code 0; another one more "
      "than a second later, or one before it listens, ends it at once (exit code 128 + signal). SIGHUP reads "
      "certificate, key and client CA again; connections stay, and so does the old certificate when the new one cannot "
      "be used. Without TLS options, tls.crt and tls.key of $CREDENTIALS_DIRECTORY are used if they are there, and "
      "client-ca.crt as --tls-client-ca.");
  return [&app, listen, listen_plaintext, options] {
    NoteSource(app, listen, options->listen);
    NoteSource(app, listen_plaintext, options->listen_plaintext);
    if (options->listen.addresses.empty()) options->listen.addresses = {"[::]:50052"};
    return Serve(*options);
  };
}

}  // namespace iris
