// SPDX-License-Identifier: Apache-2.0

#include "src/system/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <climits>
#include <string>
#include <thread>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/base/descriptor.h"

namespace iris {
namespace {

TEST_CASE("control characters cannot forge a line or drive a terminal") {
  CHECK(Printable("a\nb\rc\x1b[31m\x7f\x01") == "a?b?c?[31m??");
  CHECK(Printable("öα plain") == "öα plain");
}

// While it lives, standard error is a pipe.
class StandardErrorPipe {
 public:
  StandardErrorPipe() : saved_(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    reader_ = Descriptor(ends[0]);
    const Descriptor writer(ends[1]);
    dup2(writer.get(), STDERR_FILENO);
  }
  StandardErrorPipe(const StandardErrorPipe&) = delete;
  StandardErrorPipe& operator=(const StandardErrorPipe&) = delete;
  ~StandardErrorPipe() { dup2(saved_.get(), STDERR_FILENO); }

  /// Writes until not one byte more fits. Returns how many did.
  std::size_t Fill() {
    const int flags = fcntl(STDERR_FILENO, F_GETFL);
    fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
    std::size_t size = 0;
    for (const std::size_t chunk : {std::size_t{4096}, std::size_t{1}}) {
      const std::string bytes(chunk, '.');
      while (write(STDERR_FILENO, bytes.data(), bytes.size()) > 0) size += chunk;
    }
    fcntl(STDERR_FILENO, F_SETFL, flags);
    return size;
  }

  std::string Read(std::size_t most) {
    std::string text(most, '\0');
    const ssize_t size = read(reader_.get(), text.data(), text.size());
    REQUIRE(size > 0);
    text.resize(static_cast<std::size_t>(size));
    return text;
  }

 private:
  Descriptor saved_;
  Descriptor reader_;
};

// Ends a test that hangs: blocked in write(2), it could not fail in any other way.
class Watchdog {
 public:
  Watchdog() { alarm(20); }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog() { alarm(0); }
};

TEST_CASE("a message is one line on standard error") {
  StandardErrorPipe standard_error;
  Log(LogLevel::kInfo, "first\nforged");
  CHECK(standard_error.Read(64) == "first?forged\n");
}

TEST_CASE("messages beyond the level are left out, and the format is that which was asked for") {
  StandardErrorPipe standard_error;
  SetLogLevel(LogLevel::kWarning);
  Log(LogLevel::kInfo, "left out");
  CHECK_FALSE(LogsAt(LogLevel::kInfo));
  SetLogFormat(LogFormat::kJson);
  Log(LogLevel::kWarning, "kept", {{.name = "answer", .value = std::int64_t{42}}});
  SetLogFormat(LogFormat::kText);
  SetLogLevel(LogLevel::kInfo);
  const std::string line = standard_error.Read(200);
  CHECK(line.starts_with("{\"time\":\"20"));
  CHECK(line.ends_with("Z\",\"level\":\"warning\",\"message\":\"kept\",\"answer\":42}\n"));
}

TEST_CASE("a long message is cut to what a pipe takes whole, and is still one line") {
  StandardErrorPipe standard_error;
  Log(LogLevel::kInfo, std::string(10'000, 'x'));
  CHECK(standard_error.Read(20'000) == std::string(PIPE_BUF - 1, 'x') + '\n');
}

TEST_CASE("a full pipe holds nobody up: what does not fit is dropped, and later lines are written again") {
  const Watchdog watchdog;
  StandardErrorPipe standard_error;
  const std::size_t full = standard_error.Fill();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([] { Log(LogLevel::kInfo, "dropped"); });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t left = full; left > 0;) left -= standard_error.Read(left).size();
  Log(LogLevel::kInfo, "written");
  CHECK(standard_error.Read(200) ==
        "iris-predictor: warning: 8 lines were lost here, because whatever reads this log did not keep up\nwritten\n");
  Log(LogLevel::kInfo, "and so on");
  CHECK(standard_error.Read(64) == "and so on\n");
}

TEST_CASE("threads that share the last room in a pipe do not block each other") {
  const Watchdog watchdog;
  StandardErrorPipe standard_error;
  standard_error.Fill();
  standard_error.Read(4096);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([] { Log(LogLevel::kInfo, std::string(4000, 'x')); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace iris
