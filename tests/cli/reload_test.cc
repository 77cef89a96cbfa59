// SPDX-License-Identifier: Apache-2.0
//
// Each test plays in a child of its own, so that masks stay there.

#include "src/cli/reload.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>

#include "catch_amalgamated.hpp"
#include "src/system/notify.h"
#include "src/system/signals.h"
#include "tests/system/manager.h"

namespace iris {
namespace {

using namespace std::chrono_literals;

/// Writes down what is asked of it, and signals itself when it is time for the next step.
class Recorder final : public Reloadable {
 public:
  Recorder(std::string& record, char name, std::optional<std::chrono::milliseconds> interval,
           std::function<void(const std::string&)> then)
      : record_(record), name_(name), interval_(interval), then_(std::move(then)) {}

  bool Reload() override {
    Note("R");
    return name_ == 'a';
  }
  std::optional<std::chrono::milliseconds> Look() override {
    Note("L");
    return interval_;
  }

 private:
  void Note(const char* what) {
    record_ += what + std::string(1, name_);
    then_(record_);
  }

  std::string& record_;
  const char name_;
  const std::optional<std::chrono::milliseconds> interval_;
  const std::function<void(const std::string&)> then_;
};

/// What is asked of "a", which looks every 5 ms, and "b", which looks once, until `then` ends it.
void Play(const std::function<void(const std::string&)>& then, const std::function<bool(const std::string&)>& good) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);  // a play that hangs is a failure, not a wait
    BlockSignals();
    std::string record;
    std::vector<std::unique_ptr<Reloadable>> both;
    both.push_back(std::make_unique<Recorder>(record, 'a', 5ms, then));
    both.push_back(std::make_unique<Recorder>(record, 'b', std::nullopt, then));
    ServiceNotifier nobody;
    _exit(WaitForEnd(both, nobody) && good(record) ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("everything is looked at when it wants to be", "[reload]") {
  Play(
      [](const std::string& record) {
        if (record == "LaLbLaLaLa") kill(getpid(), SIGTERM);
      },
      [](const std::string& record) { return record == "LaLbLaLaLa"; });
}

TEST_CASE("SIGHUP reloads everything in order, and does not end it", "[reload]") {
  Play(
      [](const std::string& record) {
        if (record == "LaLb") kill(getpid(), SIGHUP);
        if (record.ends_with("RaRb")) kill(getpid(), SIGINT);
      },
      [](const std::string& record) { return record.ends_with("RaRb"); });
}

TEST_CASE("the service manager is told of a reload, and of a part that failed", "[reload]") {
  Manager manager;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);
    BlockSignals();
    ServiceNotifier notifier = manager.Notifier();
    std::string record;
    const auto step = [](const std::string& all) {
      if (all == "La") kill(getpid(), SIGHUP);
      if (all == "LaRa") kill(getpid(), SIGTERM);
    };
    std::vector<std::unique_ptr<Reloadable>> one;
    one.push_back(std::make_unique<Recorder>(record, 'a', std::nullopt, step));
    bool good = WaitForEnd(one, notifier).has_value();
    record.clear();
    const auto step_b = [](const std::string& all) {
      if (all == "Lb") kill(getpid(), SIGHUP);
      if (all == "LbRb") kill(getpid(), SIGTERM);
    };
    one.push_back(std::make_unique<Recorder>(record, 'b', std::nullopt, step_b));
    one.erase(one.begin());
    good = good && WaitForEnd(one, notifier).has_value();
    _exit(good ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  using Catch::Matchers::Matches;
  const std::string time = "20..-..-..T..:..:..\\.......Z";
  CHECK_THAT(manager.Receive(), Matches("RELOADING=1\nMONOTONIC_USEC=[0-9]+\nSTATUS=reloading"));
  CHECK_THAT(manager.Receive(), Matches("READY=1\nSTATUS=serving; reloaded at " + time));
  CHECK_THAT(manager.Receive(), Matches("RELOADING=1\n[^]*"));
  CHECK_THAT(manager.Receive(), Matches("READY=1\nSTATUS=serving; the reload at " + time + " failed in part.*see the log"));
  CHECK(manager.Receive().empty());
}

TEST_CASE("with nothing to reload, signals are still waited for", "[reload]") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);
    BlockSignals();
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGHUP);
    ServiceNotifier nobody;
    _exit(WaitForEnd({}, nobody) ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace iris
