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
#include "src/system/signals.h"

namespace iris {
namespace {

using namespace std::chrono_literals;

/// Writes down what is asked of it, and signals itself when it is time for the next step.
class Recorder final : public Reloadable {
 public:
  Recorder(std::string& record, char name, std::optional<std::chrono::milliseconds> interval,
           std::function<void(const std::string&)> then)
      : record_(record), name_(name), interval_(interval), then_(std::move(then)) {}

  void Reload() override { Note("R"); }
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
    _exit(WaitForEnd(both) && good(record) ? 0 : 1);
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

TEST_CASE("with nothing to reload, signals are still waited for", "[reload]") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);
    BlockSignals();
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGHUP);
    _exit(WaitForEnd({}) ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace iris
