// SPDX-License-Identifier: Apache-2.0

#include "src/system/log.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <mutex>

namespace iris {
namespace {

// Whether standard error takes up to PIPE_BUF bytes now. A pipe that does takes them whole.
bool StandardErrorIsReady() {
  pollfd watched = {.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  return poll(&watched, 1, 0) == 1 && (watched.revents & POLLOUT) != 0;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string line(text);
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return line;
}

void WriteLogLine(std::string_view message) {
  const std::string line = Printable(message.substr(0, PIPE_BUF - 1)) + '\n';
  // One writer at a time: of two that both found room for one line, the second would block. Never destroyed, because
  // gRPC's threads may have something to say while the process ends. (Standard error cannot be made non-blocking
  // instead: that would hold for every process that shares it.)
  static std::mutex& writing = *new std::mutex;
  const std::lock_guard lock(writing);
  std::string_view rest = line;
  while (!rest.empty() && StandardErrorIsReady()) {
    const ssize_t written = write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace iris
