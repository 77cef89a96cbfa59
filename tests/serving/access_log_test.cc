// SPDX-License-Identifier: Apache-2.0

#include "src/serving/access_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "catch_amalgamated.hpp"
#include "src/base/descriptor.h"
#include "src/system/log.h"

namespace iris {
namespace {

using namespace std::chrono_literals;

// What `act` writes to standard error; less than a pipe holds.
std::string StandardError(const std::function<void()>& act) {
  int ends[2];
  REQUIRE(pipe2(ends, O_NONBLOCK) == 0);
  const Descriptor reader(ends[0]);
  const Descriptor writer(ends[1]);
  const Descriptor saved(dup(STDERR_FILENO));
  dup2(writer.get(), STDERR_FILENO);
  act();
  dup2(saved.get(), STDERR_FILENO);
  std::string text(65536, '\0');
  const ssize_t size = read(reader.get(), text.data(), text.size());
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

std::size_t Lines(const std::string& text, const std::string& with) {
  std::size_t count = 0;
  for (std::size_t at = text.find(with); at != std::string::npos; at = text.find(with, at + 1)) ++count;
  return count;
}

const ObservedMethod kMethod{.index = 0, .path = "/a.B/C", .type = MethodType::kUnary};

CallRecord Call(int code) {
  return {.method = &kMethod,
          .code = code,
          .elapsed = 1234us,
          .messages_received = 1,
          .messages_sent = code == 0 ? 1u : 0u,
          .peer = [](const void*) { return std::string("ipv4:192.0.2.1:40112"); }};
}

// Within one second of the clock that the log counts by.
void WaitForNewSecond() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  std::this_thread::sleep_for(std::chrono::ceil<std::chrono::seconds>(now) - now + 1ms);
}

TEST_CASE("a call is a line that says how it went") {
  CHECK(StandardError([] {
          AccessLog log(10);
          log.Finished(Call(0));
          log.Finished(Call(4));
        }) == "call /a.B/C OK 1.234 ms from ipv4:192.0.2.1:40112, received 1, sent 1\n"
              "call /a.B/C DEADLINE_EXCEEDED 1.234 ms from ipv4:192.0.2.1:40112, received 1, sent 0\n");
  SetLogFormat(LogFormat::kJson);
  const std::string json = StandardError([] {
    CallRecord record = Call(0);
    record.deadline_left = 250ms;
    AccessLog(10).Finished(record);
  });
  SetLogFormat(LogFormat::kText);
  CHECK(json.ends_with(R"(,"method":"/a.B/C","code":"OK","elapsed_seconds":0.001234,)"
                       R"("peer":"ipv4:192.0.2.1:40112","messages_received":1,"messages_sent":1,)"
                       R"("deadline_left_seconds":0.25})"
                       "\n"));
}

TEST_CASE("a second has so many lines, failures as many of their own, and the rest are counted") {
  const std::string text = StandardError([] {
    AccessLog log(5);
    WaitForNewSecond();
    for (int i = 0; i < 100; ++i) log.Finished(Call(0));
    for (int i = 0; i < 50; ++i) log.Finished(Call(3));
    WaitForNewSecond();
    log.Finished(Call(0));
  });
  CHECK(Lines(text, " OK ") == 6);
  CHECK(Lines(text, " INVALID_ARGUMENT ") == 5);
  CHECK(Lines(text, "140 calls were left out of the access log, which takes 5 lines a second\n") == 1);
}

TEST_CASE("the count is not lost at the end, and a log level below info has no access lines") {
  CHECK(Lines(StandardError([] {
                AccessLog log(1);
                WaitForNewSecond();
                log.Finished(Call(0));
                log.Finished(Call(0));
              }),
              "1 call was left out") == 1);
  SetLogLevel(LogLevel::kWarning);
  CHECK(StandardError([] { AccessLog(1).Finished(Call(0)); }).empty());
  SetLogLevel(LogLevel::kInfo);
}

}  // namespace
}  // namespace iris
