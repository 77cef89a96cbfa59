// SPDX-License-Identifier: Apache-2.0
//
// Small pieces of text handling that several rooms share. Pure functions.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace iris {

/// Length of the well-formed UTF-8 sequence at the front of `text`, as of IsUtf8; 0 when there is none.
std::size_t Utf8Length(std::string_view text);

/// Whether `text` is well-formed UTF-8 (no overlong forms, surrogates or values above U+10FFFF).
/// Source: The Unicode Standard 15.0, table 3-7.
bool IsUtf8(std::string_view text);

/// Whether `text` holds a control character (U+0000 to U+001F, U+007F to U+009F), such as a line end or an escape, which
/// would break a line of output or command a terminal. Requires: UTF-8.
bool HasControlCharacter(std::string_view text);

/// `text` in double quotes, fit for a one-line message: control characters, line and paragraph separators (U+2028,
/// U+2029), characters that turn the direction of text (U+202A to U+202E, U+2066 to U+2069) and bytes that are not
/// UTF-8 as \xNN, cut to about 40 bytes with "..." after the closing quote.
std::string Quote(std::string_view text);

/// `text` with a question mark for each of those characters, and for a byte that is not UTF-8 but C1 elsewhere.
std::string WithoutCommands(std::string_view text);

/// The system's words for the error number `error`, for example "No such file or directory".
std::string SystemReason(int error);

}  // namespace iris
