// SPDX-License-Identifier: Apache-2.0
//
// Each test plays in a child of its own, so that masks and deaths stay there.

#include "src/system/signals.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <optional>
#include <thread>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

// Runs `play` in a child and returns its wait status; the child exits with what `play` returns.
int InChild(const std::function<int()>& play) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_DFL);  // not Catch2's handlers
    alarm(20);  // a play that hangs is a failure, not a wait
    _exit(play());
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

TEST_CASE("a blocked signal waits until it is asked for") {
  const int number = GENERATE(SIGTERM, SIGINT, SIGHUP);
  const int status = InChild([number] {
    BlockSignals();
    kill(getpid(), number);
    const Result<int> first = WaitForSignal();
    return first && *first == number ? 0 : 1;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a wait may have an end") {
  const int status = InChild([] {
    using namespace std::chrono_literals;
    BlockSignals();
    const auto start = std::chrono::steady_clock::now();
    const Result<std::optional<int>> none = WaitForSignal(20ms);
    if (!none || *none || std::chrono::steady_clock::now() - start < 20ms) return 1;
    const Result<std::optional<int>> at_once = WaitForSignal(-1s);
    if (!at_once || *at_once) return 2;
    kill(getpid(), SIGHUP);
    const Result<std::optional<int>> one = WaitForSignal(20s);
    return one && *one == SIGHUP ? 0 : 3;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("threads inherit the mask, so that only the waiting one takes a signal") {
  const int status = InChild([] {
    BlockSignals();
    bool blocked = false;
    std::thread([&blocked] {
      sigset_t mask;
      pthread_sigmask(SIG_SETMASK, nullptr, &mask);
      blocked = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGHUP) == 1;
    }).join();
    return blocked ? 0 : 1;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a peer that went away is an error of write, not a death") {
  const int status = InChild([] {
    BlockSignals();
    int ends[2];
    if (pipe(ends) != 0) return 2;
    close(ends[0]);
    return write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 1;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a file that may not grow further is an error of write, not a death") {
  const int status = InChild([] {
    BlockSignals();
    const rlimit room{.rlim_cur = 1, .rlim_max = 1};
    std::FILE* const file = std::tmpfile();
    if (file == nullptr || setrlimit(RLIMIT_FSIZE, &room) != 0) return 2;
    if (write(fileno(file), "xy", 2) != 1) return 3;
    return write(fileno(file), "z", 1) == -1 && errno == EFBIG ? 0 : 1;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("once restored, a signal ends the process, also one that came before") {
  const int number = GENERATE(SIGTERM, SIGINT, SIGHUP);
  const bool before = GENERATE(true, false);
  const int status = InChild([=] {
    BlockSignals();
    if (before) kill(getpid(), number);
    RestoreDefaultSignals();
    if (!before) kill(getpid(), number);
    return 0;
  });
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == number);
}

}  // namespace
}  // namespace iris
