// SPDX-License-Identifier: Apache-2.0

#include "src/cli/console.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "catch_amalgamated.hpp"
#include "tests/cli/capture.h"

namespace iris {
namespace {

TEST_CASE("a message is one line behind the program's name, control characters masked", "[console]") {
  const Pipe pipe;
  {
    const Redirected redirected(STDERR_FILENO, pipe.ends[1]);
    PrintMessage("cannot open 'a\nb\x1b[31m'");
  }
  ::close(pipe.ends[1]);
  CHECK(Drained(pipe.ends[0]) == "iris-predictor: cannot open 'a?b?[31m'\n");
}

TEST_CASE("an error is printed and becomes its exit code", "[console]") {
  const Pipe pipe;
  ExitCode code{};
  {
    const Redirected redirected(STDERR_FILENO, pipe.ends[1]);
    code = Report(Error{ErrorCode::kBadData, "x.csv:1:2: found 'y'"});
  }
  ::close(pipe.ends[1]);
  CHECK(code == ExitCode::kBadData);
  CHECK(Drained(pipe.ends[0]) == "iris-predictor: x.csv:1:2: found 'y'\n");
}

TEST_CASE("a full device and a closed pipe fail the result, only the first loudly", "[console]") {
  ::signal(SIGPIPE, SIG_IGN);
  const Pipe messages;
  ExitCode full{}, closed{};
  {
    const Redirected standard_error(STDERR_FILENO, messages.ends[1]);
    const int device = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    REQUIRE(device >= 0);
    {
      const Redirected standard_output(STDOUT_FILENO, device);
      full = PrintResult("x");
    }
    ::close(device);
    const Pipe broken;
    ::close(broken.ends[0]);
    const Redirected standard_output(STDOUT_FILENO, broken.ends[1]);
    closed = PrintResult("x");
    ::close(broken.ends[1]);
  }
  ::close(messages.ends[1]);
  CHECK(full == ExitCode::kIo);
  CHECK(closed == ExitCode::kIo);
  CHECK(Drained(messages.ends[0]) ==
        "iris-predictor: cannot write to standard output: No space left on device\n");
}

TEST_CASE("inputs are named as a person would", "[console]") {
  CHECK(InputName("-") == "standard input");
  CHECK(InputName("a.csv") == "a.csv");
}

}  // namespace
}  // namespace iris
