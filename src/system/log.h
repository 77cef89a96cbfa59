// SPDX-License-Identifier: Apache-2.0
//
// Messages for the operator. Safe from any thread.

#pragma once

#include <string>
#include <string_view>

namespace iris {

/// Text as it may stand in a log line: control characters, which a peer or a file may have put there, become '?'.
std::string Printable(std::string_view text);

/// Writes `message` to standard error as one line of its own, in one write, so that lines of several threads do not
/// mix; it is cut at PIPE_BUF bytes (4096), up to which a pipe takes a line whole. What cannot be written at once is
/// dropped: a full log pipe must not stop the server.
void WriteLogLine(std::string_view message);

}  // namespace iris
