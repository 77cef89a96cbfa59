// SPDX-License-Identifier: Apache-2.0
//
// Linking this file in also keeps the standard descriptors from being taken by anything else (below).

#include "src/cli/console.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "src/base/text.h"
#include "src/cli/exit_code.h"

namespace iris {
namespace {

/// Writes all of `text`; returns 0 or the system's error number.
int WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// Occupies standard descriptors that the process was started without, so that no file or socket opened later takes
/// their number and has results written into it; reading and writing them goes on failing. Before main, with the
/// first priority that is free to programs, because gRPC's static initialisers open descriptors.
[[gnu::constructor(101)]] void ReserveStandardDescriptors() {
  // The root folder opened for nothing (O_PATH) is there even in an empty chroot, and every read or write of it fails.
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  }
}

std::string Reason(int error_number) { return std::generic_category().message(error_number); }

}  // namespace

ExitCode PrintResult(std::string_view text) {
  const int error_number = WriteAll(STDOUT_FILENO, text);
  if (error_number == 0) return ExitCode::kOk;
  if (error_number != EPIPE) PrintMessage("cannot write to standard output: " + Reason(error_number));
  return ExitCode::kIo;
}

void PrintMessage(std::string_view message) {
  PrintNotice("iris-predictor: " + WithoutCommands(message));  // a file name must not forge lines or drive the terminal
}

void PrintNotice(std::string_view line) {
  // A single write, so that lines of several processes do not mix. Nobody is left to be told when it fails.
  WriteAll(STDERR_FILENO, std::string(line) + "\n");
}

ExitCode Report(const Error& error) {
  PrintMessage(error.message);
  return ToExitCode(error.code);
}

std::string InputName(const std::string& path) { return path == "-" ? "standard input" : path; }

}  // namespace iris
