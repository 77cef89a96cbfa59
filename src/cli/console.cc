// SPDX-License-Identifier: Apache-2.0
//
// Linking this file in also keeps the standard descriptors from being taken by anything else (below).

#include "src/cli/console.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "src/base/atomic_file.h"
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

Result<std::string> ReadStandardInput(std::size_t max_bytes) {
  constexpr std::size_t kChunk = std::size_t{1} << 16;
  std::string content;
  for (;;) {
    const std::size_t have = content.size();
    content.resize(have + kChunk);
    const ssize_t got = ::read(STDIN_FILENO, content.data() + have, kChunk);
    const int error_number = errno;
    content.resize(have + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got == 0) return content;
    if (got < 0 && error_number != EINTR) {
      return Fail(ErrorCode::kIo, "cannot read standard input: " + Reason(error_number));
    }
    if (content.size() > max_bytes) {
      return Fail(ErrorCode::kBadData, "standard input holds more than " + std::to_string(max_bytes) +
                                           " bytes; split it into smaller parts");
    }
  }
}

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

Result<std::string> ReadInput(const std::string& path, std::size_t max_bytes) {
  return path == "-" ? ReadStandardInput(max_bytes) : ReadFile(path, max_bytes);
}

std::string InputName(const std::string& path) { return path == "-" ? "standard input" : path; }

}  // namespace iris
