// SPDX-License-Identifier: Apache-2.0

#include "src/system/notify.h"

#include <time.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "tests/cli/capture.h"
#include "tests/system/manager.h"

namespace iris {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Matches;

std::int64_t MonotonicMicroseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000} + now.tv_nsec / 1000;
}

TEST_CASE("every message of the protocol, to an abstract address", "[notify]") {
  const Manager manager;
  ServiceNotifier notifier = manager.Notifier();
  CHECK(notifier.wanted());
  CHECK(::getenv("NOTIFY_SOCKET") == nullptr);
  notifier.Status("loading\nREADY=1", 90s);  // what comes from elsewhere makes no assignment
  CHECK(manager.Receive() == "STATUS=loading?READY=1\nEXTEND_TIMEOUT_USEC=90000000");
  notifier.Status("still");
  CHECK(manager.Receive() == "STATUS=still");
  notifier.Ready("serving");
  CHECK(manager.Receive() == "READY=1\nSTATUS=serving");
  notifier.Alive();
  CHECK(manager.Receive() == "WATCHDOG=1");
  notifier.Stopping(1500ms, "draining");
  CHECK(manager.Receive() == "STOPPING=1\nEXTEND_TIMEOUT_USEC=1500000\nSTATUS=draining");

  const std::int64_t before = MonotonicMicroseconds();
  notifier.Reloading();
  const std::int64_t after = MonotonicMicroseconds();
  const std::string message = manager.Receive();
  const std::string begin = "RELOADING=1\nMONOTONIC_USEC=";
  const std::string end = "\nSTATUS=reloading";
  REQUIRE(message.starts_with(begin));
  REQUIRE(message.ends_with(end));
  const std::int64_t told = std::stoll(message.substr(begin.size(), message.size() - begin.size() - end.size()));
  CHECK((before <= told && told <= after));
  CHECK(manager.Receive().empty());
}

TEST_CASE("a path is as good", "[notify]") {
  std::string folder = (std::filesystem::temp_directory_path() / "iris-notify-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  {
    const Manager manager(folder + "/notify");
    ServiceNotifier notifier = manager.Notifier();
    notifier.Ready("serving");
    CHECK(manager.Receive() == "READY=1\nSTATUS=serving");
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("where nobody asks, nobody is told", "[notify]") {
  ::unsetenv("NOTIFY_SOCKET");
  ServiceNotifier notifier = ServiceNotifier::FromEnvironment();
  CHECK_FALSE(notifier.wanted());
  CHECK(StandardError([&] {
          notifier.Ready("serving");
          notifier.Alive();
        }).empty());
}

TEST_CASE("an address that cannot be used is said once, and is no reason not to serve", "[notify]") {
  for (const std::string& name : std::vector<std::string>{"relative", "vsock:2:1234", "/", "@", "/" + std::string(200, 'x')}) {
    INFO(name);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    CHECK_THAT(StandardError([] { CHECK_FALSE(ServiceNotifier::FromEnvironment().wanted()); }),
               ContainsSubstring("cannot tell the service manager anything: NOTIFY_SOCKET is"));
  }
  ::setenv("NOTIFY_SOCKET", "@iris-nobody-is-there", 1);
  ServiceNotifier notifier = ServiceNotifier::FromEnvironment();
  CHECK(notifier.wanted());
  CHECK_THAT(StandardError([&] { notifier.Ready("serving"); }),
             ContainsSubstring("cannot tell the service manager at @iris-nobody-is-there anything: Connection refused"));
  CHECK(StandardError([&] { notifier.Alive(); }).empty());
}

TEST_CASE("the watchdog is ours or another's", "[notify]") {
  const Manager manager;
  const auto interval = [&](const char* usec, const std::string& pid) {
    ::setenv("WATCHDOG_USEC", usec, 1);
    if (!pid.empty()) ::setenv("WATCHDOG_PID", pid.c_str(), 1);
    const auto watchdog = manager.Notifier().watchdog();
    CHECK(::getenv("WATCHDOG_USEC") == nullptr);
    CHECK(::getenv("WATCHDOG_PID") == nullptr);
    return watchdog;
  };
  CHECK(interval("30000000", std::to_string(::getpid())) == 30s);
  CHECK(interval("30000000", "") == 30s);
  CHECK(interval("30000000", std::to_string(::getpid() + 1)) == std::nullopt);
  for (const char* wrong : {"0", "-1", "1s", "99999999999999999999"}) {
    CHECK_THAT(StandardError([&] { CHECK(interval(wrong, "") == std::nullopt); }),
               ContainsSubstring("WATCHDOG_USEC is"));
  }
  CHECK(manager.Notifier().watchdog() == std::nullopt);
}

}  // namespace
}  // namespace iris
