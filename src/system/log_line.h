// SPDX-License-Identifier: Apache-2.0
//
// What a log line looks like. Pure functions: nothing is written, and the time is told by the caller.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace iris {

/// From what must be heard to what only a search for a fault wants to hear.
enum class LogLevel { kError, kWarning, kInfo, kDebug };

enum class LogFormat {
  kText,  ///< For a person.
  kJson,  ///< For a program: one object a line.
};

/// One fact of a message, for a program to read. The message itself says the same to a person, so that text shows the
/// message alone. Borrows its texts.
struct LogField {
  std::string_view name;  ///< snake_case; not time, level, message or truncated, which every line has or may have.
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;
};

/// Text as it may stand in a line, in a log or on a terminal: control characters, the characters that Unicode counts as
/// line ends, and bytes that are not UTF-8, all of which a peer or a file may have put there, become '?'.
std::string Printable(std::string_view text);

/// "error", "warning", "info" or "debug".
std::string_view NameOf(LogLevel level);

/// A line without its newline, of `most_bytes` or fewer; what is longer is cut between characters.
/// Text: "iris-predictor: MESSAGE", with "warning: " before the message of a warning; an info is its message alone, so
/// that "listening on ADDRESS" is the whole line; "debug: MESSAGE".
/// JSON: {"time":RFC 3339 in UTC,"level":…,"message":…, the fields}: always valid, always UTF-8 (what is not becomes
/// U+FFFD), one line for whoever splits at whatever Unicode calls a line end. One that was cut has "truncated":true.
/// Requires: most_bytes of 256 or more.
std::string FormatLogLine(LogFormat format, LogLevel level, std::chrono::system_clock::time_point time,
                          std::string_view message, std::span<const LogField> fields, std::size_t most_bytes);

/// "<3>" to "<7>": what makes a service manager's journal keep a line at its level. Source: sd-daemon(3).
std::string_view JournalPriority(LogLevel level);

}  // namespace iris
