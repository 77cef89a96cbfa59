// SPDX-License-Identifier: Apache-2.0

#include "src/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

#include "src/base/staged_file.h"

namespace iris {
namespace {

constexpr std::chrono::milliseconds kQuietStart{200};
constexpr std::chrono::milliseconds kInterval{100};

/// A column less than the terminal has, so that the line never wraps: what has wrapped cannot be erased.
std::size_t MaxColumns() {
  struct winsize size = {};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col - 1u : 79u;
}

/// What of `text` fits, control characters as '?'. A letter of several bytes is left whole.
std::string Fitted(const std::string& text) {
  std::string line;
  std::size_t left = MaxColumns();
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80 && left-- == 0) break;
    line += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return line;
}

}  // namespace

Progress::Progress() : terminal_(::isatty(STDERR_FILENO) != 0), next_(Clock::now() + kQuietStart) {}

void Progress::Show(const std::string& text) {
  if (terminal_ && Clock::now() >= next_) ShowNow(text);
}

void Progress::ShowNow(const std::string& text) {
  if (!terminal_) return;
  // One write, so that the terminal never shows half a line. Nobody is left to be told when it fails.
  WriteAll(STDERR_FILENO, std::string(kEraseLine) + Fitted(text));
  shown_ = true;
  next_ = Clock::now() + kInterval;
}

void Progress::Erase() {
  if (shown_) WriteAll(STDERR_FILENO, kEraseLine);
  shown_ = false;
}

}  // namespace iris
