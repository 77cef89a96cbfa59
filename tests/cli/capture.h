// SPDX-License-Identifier: Apache-2.0
//
// What code under test writes to the standard descriptors, caught.

#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "catch_amalgamated.hpp"

namespace iris {

/// Puts another descriptor in the place of a standard one for as long as it lives.
class Redirected {
 public:
  Redirected(int standard, int other) : standard_(standard), saved_(::dup(standard)) { ::dup2(other, standard); }
  ~Redirected() {
    ::dup2(saved_, standard_);
    ::close(saved_);
  }
  Redirected(const Redirected&) = delete;
  Redirected& operator=(const Redirected&) = delete;

 private:
  int standard_;
  int saved_;
};

/// What is in a pipe, its writing ends being closed.
inline std::string Drained(int fd) {
  std::string text;
  char chunk[4096];
  for (ssize_t got; (got = ::read(fd, chunk, sizeof chunk)) > 0;) text.append(chunk, static_cast<std::size_t>(got));
  ::close(fd);
  return text;
}

struct Pipe {
  Pipe() { REQUIRE(::pipe2(ends, O_CLOEXEC) == 0); }
  int ends[2];
};

/// What `act` writes to standard error; less than a pipe holds.
template <typename Act>
std::string StandardError(const Act& act) {
  const Pipe pipe;
  {
    const Redirected redirected(STDERR_FILENO, pipe.ends[1]);
    act();
  }
  ::close(pipe.ends[1]);
  return Drained(pipe.ends[0]);
}

}  // namespace iris
