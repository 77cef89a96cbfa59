// SPDX-License-Identifier: Apache-2.0
//
// Something that cannot be taken back, tried in a child process.

#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace iris {

/// Runs `body` in a child and returns what it returned (0 to 255), or 1000 + the signal that ended it. In it nothing of
/// Catch2 is to be used.
inline int InChild(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace iris
