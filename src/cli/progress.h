// SPDX-License-Identifier: Apache-2.0
//
// How far long work has come: one line on standard error that is written over again and again, and erased at the end.
// Only where standard error is a terminal; nothing at all otherwise.

#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace iris {

/// Back to the first column, and erase to the end of the line (ECMA-48: EL).
inline constexpr std::string_view kEraseLine = "\r\x1b[K";

/// The line. Nothing is shown in the first moments, so that quick work does not flicker, and then a few times a second
/// at most. Used from one thread at a time.
class Progress {
 public:
  Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { Erase(); }

  /// Whether anybody would see it.
  bool visible() const { return terminal_; }

  /// Shows `text`, cut to the terminal's width; control characters as '?'. Now: at once, for work that cannot be
  /// followed further; otherwise when it is time.
  void Show(const std::string& text);
  void ShowNow(const std::string& text);

  /// Takes the line away, if one is there.
  void Erase();

 private:
  using Clock = std::chrono::steady_clock;

  bool terminal_;
  bool shown_ = false;
  Clock::time_point next_;
};

}  // namespace iris
