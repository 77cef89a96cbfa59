// SPDX-License-Identifier: Apache-2.0

#include "src/cli/progress.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <cstdlib>
#include <string>

#include "catch_amalgamated.hpp"
#include "src/base/descriptor.h"
#include "tests/cli/capture.h"

namespace iris {
namespace {

/// A terminal that is as wide as asked.
struct Terminal {
  explicit Terminal(unsigned short columns)
      : master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    REQUIRE(master);
    REQUIRE(::grantpt(master.get()) == 0);
    REQUIRE(::unlockpt(master.get()) == 0);
    slave = Descriptor(::open(::ptsname(master.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(slave);
    const struct winsize size = {.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    REQUIRE(::ioctl(slave.get(), TIOCSWINSZ, &size) == 0);
  }

  /// What has been written to it.
  std::string Shown() const {
    char text[4096];
    REQUIRE(::fcntl(master.get(), F_SETFL, O_NONBLOCK) == 0);
    const ssize_t got = ::read(master.get(), text, sizeof text);
    return {text, got > 0 ? static_cast<std::size_t>(got) : 0};
  }

  Descriptor master;
  Descriptor slave;
};

/// That many letters of two bytes each.
std::string Letters(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "\xC3\xA9";
  return text;
}

TEST_CASE("progress on a terminal is one line, cut to fit, and erased", "[progress]") {
  const Terminal terminal(20);
  const Redirected redirected(STDERR_FILENO, terminal.slave.get());
  {
    Progress progress;
    CHECK(progress.visible());
    progress.Show("too early");  // quick work shows nothing
    progress.ShowNow("a line that is longer than the terminal");
    progress.Show("too soon");
    progress.ShowNow("caf\xC3\xA9\x1b[31m");
    progress.ShowNow(Letters(20));
  }
  const std::string erase(kEraseLine);
  CHECK(terminal.Shown() ==
        erase + "a line that is long" + erase + "caf\xC3\xA9?[31m" + erase + Letters(19) + erase);
}

TEST_CASE("what was never shown is not erased", "[progress]") {
  const Terminal terminal(80);
  const Redirected redirected(STDERR_FILENO, terminal.slave.get());
  { Progress progress; }
  CHECK(terminal.Shown().empty());
}

TEST_CASE("nothing is written where there is no terminal", "[progress]") {
  const Pipe pipe;
  {
    const Redirected redirected(STDERR_FILENO, pipe.ends[1]);
    Progress progress;
    CHECK_FALSE(progress.visible());
    progress.ShowNow("work");
    progress.Erase();
  }
  ::close(pipe.ends[1]);
  CHECK(Drained(pipe.ends[0]).empty());
}

}  // namespace
}  // namespace iris
