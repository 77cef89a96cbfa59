// SPDX-License-Identifier: Apache-2.0

#include "src/cli/systemd_unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cctype>
#include <cerrno>
#include <cstddef>
#include <string_view>

#include "src/base/descriptor.h"

extern char** environ;  // NOLINT: POSIX has it so

namespace iris {
namespace {

constexpr std::uint64_t kKnowsNotifyReload = 253;
constexpr int kPatienceMilliseconds = 3000;
constexpr std::size_t kMostBytes = 4096;

/// What comes out of `fd` until its end, or nobody has the patience.
std::string ReadSoon(int fd) {
  std::string text;
  char chunk[512];
  pollfd watched = {.fd = fd, .events = POLLIN, .revents = 0};
  while (text.size() < kMostBytes) {
    const int ready = ::poll(&watched, 1, kPatienceMilliseconds);
    if (ready < 0 && errno == EINTR) continue;
    if (ready != 1) break;
    const ssize_t got = ::read(fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(chunk, static_cast<std::size_t>(got));
  }
  return text;
}

/// Replaces a part that must be there.
void Replace(std::string& text, std::string_view old, std::string_view replacement) {
  const std::size_t at = text.find(old);
  assert(at != std::string::npos);
  if (at != std::string::npos) text.replace(at, old.size(), replacement);
}

}  // namespace

std::optional<std::uint64_t> InstalledSystemd() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  posix_spawn_file_actions_t actions;
  if (::posix_spawn_file_actions_init(&actions) != 0) return std::nullopt;
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  char program[] = "systemctl";
  char option[] = "--version";
  char* const arguments[] = {program, option, nullptr};
  pid_t child = -1;
  const int error = ::posix_spawnp(&child, program, &actions, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return std::nullopt;
  writing = Descriptor();
  const std::string output = ReadSoon(reading.get());
  ::kill(child, SIGKILL);  // it has said what there is to say, or never will
  ::waitpid(child, nullptr, 0);
  return ReadSystemdVersion(output);
}

std::optional<std::uint64_t> ReadSystemdVersion(const std::string& output) {
  constexpr std::string_view kName = "systemd ";
  if (!output.starts_with(kName)) return std::nullopt;
  std::uint64_t version = 0;
  std::size_t at = kName.size();
  const auto is_digit = [&output](std::size_t i) { return std::isdigit(static_cast<unsigned char>(output[i])) != 0; };
  for (; at < output.size() && at < kName.size() + 6 && is_digit(at); ++at) {
    version = 10 * version + static_cast<std::uint64_t>(output[at] - '0');
  }
  if (at == kName.size()) return std::nullopt;
  return version;
}

std::string UnitForSystemd(std::string unit, std::optional<std::uint64_t> version) {
  if (version.value_or(0) < kKnowsNotifyReload) return unit;
  Replace(unit, "\nType=notify\n", "\nType=notify-reload\n");
  Replace(unit,
          "# Reads model, certificates and log level again; what cannot be used leaves the old in place (journal, "
          "status).\n"
          "ExecReload=sh -c 'kill -HUP $MAINPID'\n",
          "# \"systemctl reload\" has model, certificates and log level read again; what cannot be used leaves the old "
          "in\n# place (journal, status).\n");
  return unit;
}

}  // namespace iris
