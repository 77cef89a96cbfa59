// SPDX-License-Identifier: Apache-2.0

#include "src/cli/watchdog.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "catch_amalgamated.hpp"
#include "tests/cli/capture.h"
#include "tests/system/manager.h"

namespace iris {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("the manager hears of life, and of nothing else", "[watchdog]") {
  const Manager manager;
  ::setenv("WATCHDOG_USEC", "80000", 1);
  ServiceNotifier notifier = manager.Notifier();
  bool alive = true;
  Watchdog watchdog(notifier, [&alive] { return alive; });
  CHECK(watchdog.Look() == 20ms);
  CHECK(manager.Receive() == "WATCHDOG=1");
  alive = false;
  CHECK(StandardError([&] { CHECK(watchdog.Look() == 20ms); }).empty());  // it may be but late
  ::usleep(50'000);
  CHECK_THAT(StandardError([&] { watchdog.Look(); }), ContainsSubstring("a serving thread has not come round for "));
  CHECK(StandardError([&] { watchdog.Look(); }).empty());
  CHECK(manager.Receive().empty());
  alive = true;
  CHECK_THAT(StandardError([&] { watchdog.Look(); }), ContainsSubstring("the serving threads come round again"));
  CHECK(manager.Receive() == "WATCHDOG=1");
}

TEST_CASE("it asks often, whatever the interval", "[watchdog]") {
  const Manager manager;
  const auto pause = [&](const char* usec) {
    ::setenv("WATCHDOG_USEC", usec, 1);
    ServiceNotifier notifier = manager.Notifier();
    return Watchdog(notifier, [] { return true; }).Look();
  };
  CHECK(pause("30000000") == 7500ms);
  CHECK(pause("3600000000") == 10s);
  CHECK(pause("1") == 1ms);
}

}  // namespace
}  // namespace iris
