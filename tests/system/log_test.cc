// SPDX-License-Identifier: Apache-2.0

#include "src/system/log.h"

#include <unistd.h>

#include <string>

#include "catch_amalgamated.hpp"
#include "src/base/descriptor.h"

namespace iris {
namespace {

TEST_CASE("control characters cannot forge a line or drive a terminal") {
  CHECK(Printable("a\nb\rc\x1b[31m\x7f\x01") == "a?b?c?[31m??");
  CHECK(Printable("öα plain") == "öα plain");
}

TEST_CASE("a message is one line on standard error") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const Descriptor reader(ends[0]);
  const Descriptor saved(dup(STDERR_FILENO));
  dup2(ends[1], STDERR_FILENO);
  close(ends[1]);
  WriteLogLine("first\nforged");
  dup2(saved.get(), STDERR_FILENO);
  char buffer[64];
  const ssize_t size = read(reader.get(), buffer, sizeof buffer);
  REQUIRE(size > 0);
  CHECK(std::string(buffer, static_cast<std::size_t>(size)) == "first?forged\n");
}

}  // namespace
}  // namespace iris
