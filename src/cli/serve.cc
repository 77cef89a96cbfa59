// SPDX-License-Identifier: Apache-2.0
//
// serve: model, listeners, server, "listening on …", then wait for a signal and drain.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/admin/admin_endpoint.h"
#include "src/admin/server_metrics.h"
#include "src/cli/admin_options.h"
#include "src/cli/build_info.h"
#include "src/cli/command.h"
#include "src/cli/command_definition.h"
#include "src/cli/config_file.h"
#include "src/cli/console.h"
#include "src/cli/ending_watch.h"
#include "src/cli/exit_code.h"
#include "src/cli/inherited_sockets.h"
#include "src/cli/limit_options.h"
#include "src/cli/log_options.h"
#include "src/cli/model_reload.h"
#include "src/cli/misspelled_variables.h"
#include "src/cli/options.h"
#include "src/cli/reload.h"
#include "src/cli/serve_check.h"
#include "src/cli/served_model_options.h"
#include "src/cli/settings.h"
#include "src/cli/tls_options.h"
#include "src/cli/tls_reload.h"
#include "src/cli/watchdog.h"
#include "src/serving/server.h"
#include "src/system/confinement.h"
#include "src/system/listener.h"
#include "src/system/log.h"
#include "src/system/notify.h"
#include "src/system/processors.h"
#include "src/system/signals.h"
#include "src/system/socket_activation.h"

namespace iris {
namespace {

/// A signal that comes this soon after the first is the same request: `timeout` sends SIGTERM to its child and then to
/// the group, and a shell's Ctrl-C reaches us and a wrapper that passes it on.
constexpr std::chrono::milliseconds kSameRequest{1000};

/// What a service manager is asked to wait for the model, which may lie on a slow disk. Told once: a start that hangs
/// does not hide behind it.
constexpr std::chrono::minutes kLongestLoad{5};
/// From the end of the drain to the end of the process: farewells, threads.
constexpr std::chrono::seconds kLongestFarewell{5};

constexpr const char* kDefaultAddress = "[::]:50052";

constexpr int kMostThreads = 256;

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
  std::string confine = "on";
  std::uint64_t threads = 0;  ///< 0: as many as there are processors to use.
  ServerTlsOptions tls;
  ServerLimits limits;
  AdminOptions admin;
  LogOptions log;
  bool check = false;  ///< Says whether it could start, and ends.
};

/// Puts listeners on the addresses of `option` behind those that are in `listeners`.
Result<void> OpenListeners(const AddressOption& option, bool tls, bool check, std::vector<ServedListener>& listeners) {
  for (const std::string& text : option.addresses) {
    const Result<ListenAddress> address = ParseListenAddress(text);
    if (!address) return Fail(option.bad_address, option.name + ": " + address.error().message);
    Result<Listener> listener = Listener::Open(*address);
    if (!listener && check && IsBusyElsewhere(listener.error(), text, listeners)) continue;
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
  std::optional<Listener> admin{};
};

Result<Prepared> Prepare(const ServeOptions& options, std::vector<InheritedListener> inherited) {
  const EndingWatch watch("signal during the start: ending at once", std::chrono::milliseconds(0));
  Result<ServedModel> model = LoadServedModel(options.model);
  if (!model) return std::unexpected(std::move(model.error()));
  Result<std::shared_ptr<ServerTlsStore>> tls = LoadServerTls(options.tls);
  if (!tls) return std::unexpected(std::move(tls.error()));
  Prepared prepared{.model = *std::move(model), .tls = *std::move(tls)};
  const bool has_tls = prepared.tls != nullptr;
  if (!has_tls && !options.listen_plaintext.addresses.empty()) {
    return Fail(ErrorCode::kConfiguration,
                options.listen_plaintext.name + " is given without TLS (--tls-cert and --tls-key), where every address "
                                                "is plaintext; use --listen");
  }
  Result<InheritedSockets> sockets = SortInherited(std::move(inherited), has_tls);
  if (!sockets) return std::unexpected(std::move(sockets.error()));
  prepared.listeners = std::move(sockets->grpc);
  AddressOption listen = options.listen;
  if (listen.addresses.empty() && prepared.listeners.empty()) listen.addresses = {kDefaultAddress};
  Result<void> opened = OpenListeners(listen, has_tls, options.check, prepared.listeners);
  if (opened) opened = OpenListeners(options.listen_plaintext, false, options.check, prepared.listeners);
  if (!opened) return std::unexpected(std::move(opened.error()));
  Result<std::optional<Listener>> admin = OpenAdminListener(options.admin, std::move(sockets->admin));
  if (!admin && options.check && IsBusyElsewhere(admin.error(), options.admin.address, prepared.listeners)) admin = {};
  if (!admin) return std::unexpected(std::move(admin.error()));
  prepared.admin = *std::move(admin);
  return prepared;
}

/// Says why it does not start, to whoever started it as well.
ExitCode Refuse(const Error& error, ServiceNotifier& notifier) {
  notifier.Status(error.message);
  Log(LogLevel::kError, error.message);
  return ToExitCode(error.code);
}

ServerMetrics::BuildFacts BuildLabels(const BuildInfo& build) {
  return {{"version", build.version}, {"machine", build.machine}, {"libc", build.libc}, {"compiler", build.compiler}};
}

/// Counts what comes of reading `subject` again; `metrics` may be null.
ReloadOutcome Counted(ServerMetrics* metrics, ReloadSubject subject) {
  if (metrics == nullptr) return {};
  return [metrics, subject](bool ok) { metrics->reloads().Done(subject, ok); };
}

/// What is needed once everything is loaded and bound.
ConfinementNeeds NeedsOf(const CommandDefinition& app, const ServeOptions& options, const Prepared& prepared,
                         const ServiceNotifier& notifier) {
  ConfinementNeeds needs{.abstract_sockets = notifier.abstract()};
  const auto add_path = [&needs](const Listener& listener) {
    if (listener.owned_path() != nullptr) needs.unix_sockets.push_back(*listener.owned_path());
  };
  for (const ServedListener& served : prepared.listeners) add_path(served.listener);
  if (prepared.admin) add_path(*prepared.admin);
  if (!options.model.file.empty()) needs.files.push_back(options.model.file);
  if (prepared.tls) {
    const ServerTlsFiles& files = prepared.tls->files();
    needs.files.insert(needs.files.end(), {files.certificate, files.key, files.client_ca});
  }
  if (app.file() != nullptr) needs.files.push_back(app.file()->path);
  return needs;
}

Confinement Confine(const ServeOptions& options, const ConfinementNeeds& needs) {
  if (options.confine != "on") {
    Log(LogLevel::kInfo, "not confined: --confine is off");
    return {};
  }
  Confinement confinement = Confinement::Enter(needs);
  Log(LogLevel::kInfo, confinement.Describe());
  return confinement;
}

/// At most `kMostThreads`, however large the machine is.
int ThreadsOf(const ServeOptions& options) {
  return options.threads > 0 ? static_cast<int>(options.threads) : std::min(UsableProcessors(), kMostThreads);
}

ExitCode Serve(const CommandDefinition& app, const ServeOptions& options) {
  ApplyLogOptions(options.log);
  WarnOfMisspelledVariables(app);
  ReapOrphans();
  ServiceNotifier notifier = ServiceNotifier::FromEnvironment();
  Result<std::vector<InheritedListener>> inherited = TakeInheritedListeners();
  if (!inherited) return Refuse(inherited.error(), notifier);
  notifier.Status(options.model.file.empty() ? "training the embedded model" : "loading the model " + options.model.file,
                  kLongestLoad);
  Result<Prepared> prepared = Prepare(options, *std::move(inherited));
  if (!prepared) return Refuse(prepared.error(), notifier);
  if (prepared->tls) WarnOfExpiry(*prepared->tls);
  std::vector<std::string> announcements;
  for (const ServedListener& served : prepared->listeners) {
    announcements.push_back("listening on " + served.listener.address() + (served.tls ? " (TLS)" : ""));
  }
  if (options.check) return PrintChecked(prepared->model, prepared->tls.get(), announcements);
  const std::shared_ptr<const Model> model = prepared->model.model;
  const BuildInfo build = GetBuildInfo();
  ServerOptions server_options{.version = build.version,
                               .reflection = options.reflection == "on",
                               .tls = prepared->tls,
                               .limits = options.limits,
                               .threads = ThreadsOf(options)};
  // Now, while it may still ask the system and its control group.
  if (!options.limits.max_memory_bytes) server_options.limits.max_memory_bytes = DefaultMaxMemory();
  // Here, because everything is loaded and bound, and no other thread exists yet.
  const Confinement confinement = Confine(options, NeedsOf(app, options, *prepared, notifier));
  std::unique_ptr<ServerMetrics> metrics;  // counted only where somebody can ask
  if (prepared->admin) {
    announcements.push_back("admin on " + prepared->admin->address());
    metrics = std::make_unique<ServerMetrics>(BuildLabels(build), confinement);
    metrics->Observe(server_options);
  }

  const std::unique_ptr<AccessLog> access_log = MakeAccessLog(options.log);
  if (access_log) server_options.observers.push_back(access_log.get());

  Result<std::unique_ptr<Server>> started =
      Server::Start(std::move(prepared->model), std::move(prepared->listeners), server_options);
  if (!started) return Refuse(started.error(), notifier);
  Server& server = **started;
  std::unique_ptr<HttpServer> admin;
  if (metrics) {
    Result<std::unique_ptr<HttpServer>> answering =
        StartAdminEndpoint(*std::move(prepared->admin), server, *metrics, BuildInfoJson(build));
    if (!answering) return Refuse(answering.error(), notifier);
    admin = *std::move(answering);
  }
  std::vector<std::unique_ptr<Reloadable>> reloadables;
  if (!options.model.file.empty()) {
    reloadables.push_back(std::make_unique<ModelReload>(
        options.model, model, [&server](ServedModel next) { server.SetModel(std::move(next)); },
        Counted(metrics.get(), ReloadSubject::kModel), &confinement));
  }
  if (prepared->tls) {
    reloadables.push_back(std::make_unique<TlsReload>(prepared->tls, options.tls.reload_interval,
                                                      Counted(metrics.get(), ReloadSubject::kTls), &confinement));
  }
  reloadables.push_back(std::make_unique<LogLevelReload>(app, Counted(metrics.get(), ReloadSubject::kLog)));
  if (notifier.watchdog()) {
    reloadables.push_back(std::make_unique<Watchdog>(notifier, [&server] { return server.Beat(); }));
  }
  for (const std::string& announcement : announcements) Log(LogLevel::kInfo, announcement);
  notifier.Ready("serving");

  const Result<void> ended = WaitForEnd(reloadables, notifier);
  if (!ended) return Refuse(ended.error(), notifier);
  const EndingWatch watch("second signal while draining: ending at once", kSameRequest);
  notifier.Stopping(options.drain_timeout + kLongestFarewell, "draining: calls in flight finish");
  if (!server.Drain(options.drain_timeout)) {
    Log(LogLevel::kWarning, "some calls had not finished within the drain timeout and were cancelled");
  }
  return ExitCode::kOk;
}

void NoteSource(const Option& option, AddressOption& target) {
  target.name = NameInMessages(option);
  if (option.source != ValueSource::kFlag) target.bad_address = ErrorCode::kConfiguration;
}

}  // namespace

std::function<ExitCode()> DefineServe(CommandDefinition& app) {
  const auto options = std::make_shared<ServeOptions>();
  AddServedModelOptions(app, options->model);
  const Option* listen =
      AddTexts(app, "--listen", "ADDRESS",
               "where to listen: HOST:PORT (port 0 lets the system choose) or unix:PATH; may be repeated",
               options->listen.addresses)
          ->set_default_text(kDefaultAddress);
  const Option* listen_plaintext =
      AddTexts(app, "--listen-plaintext", "ADDRESS",
               "where to listen without TLS, beside --listen with it; may be repeated",
               options->listen_plaintext.addresses);
  AddServerTlsOptions(app, options->tls);
  AddSeconds(app, "--drain-timeout", "how long calls in flight may take to finish after SIGTERM or SIGINT",
             std::chrono::milliseconds(0), options->drain_timeout)
      ->set_default_text("10");
  AddChoice(app, "--reflection", {"on", "off"}, "offer server reflection", options->reflection)->set_default_text("on");
  AddCount(app, "--threads", "N",
           "threads that serve, and as many for long calls; otherwise one a processor that this process may use, or "
           "fewer where its control group limits processor time",
           1, kMostThreads, options->threads);
  AddLimitOptions(app, options->limits);
  AddChoice(app, "--confine", {"on", "off"},
            "give up, once everything is loaded and bound, what serving does not need: other files, new connections, "
            "most system calls (seccomp, Landlock)",
            options->confine)
      ->set_default_text("on");
  const Option* admin = AddAdminOption(app, options->admin);
  AddLogOptions(app, options->log);
  AddConfigOption(app);
  AddFlag(app, "--check", "load model and certificates, try the addresses, say whether it could start, and end",
          options->check);
  app.set_footer(
      "Prints 'listening on ADDRESS' on standard error, with ' (TLS)' behind it where that is spoken, a line an "
      "address, once it accepts connections. SIGTERM or SIGINT drains and ends it with exit code 0; another one more "
      "than a second later, or one before it listens, ends it at once (exit code 128 + signal). SIGHUP reads "
      "the --model file, certificate, key, client CA, and the log level of the --config file again; connections stay, "
      "calls in flight finish with the model they began with, and what cannot be used leaves the old in place. Sockets "
      "that a service manager hands over (LISTEN_FDS) take the place of the default address; see 'iris-predictor print "
      "socket'. Without TLS options, tls.crt and tls.key of $CREDENTIALS_DIRECTORY are used if they are there, and "
      "client-ca.crt as --tls-client-ca. --admin prints 'admin on ADDRESS' as well; keep it where only operators reach it.");
  return [&app, listen, listen_plaintext, admin, options] {
    NoteAdminSource(*admin, options->admin);
    NoteSource(*listen, options->listen);
    NoteSource(*listen_plaintext, options->listen_plaintext);
    return Serve(app, *options);
  };
}

}  // namespace iris
