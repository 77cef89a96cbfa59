// SPDX-License-Identifier: Apache-2.0
//
// Messages for the operator, on standard error. That is one a process, whoever writes to it, and gRPC has things to say
// from threads of its own through a function without arguments: so format and level are the process's, too. Everything
// here is safe from any thread.

#pragma once

#include <initializer_list>
#include <string_view>

#include "src/system/log_line.h"

namespace iris {

/// How lines are written from now on; text until it is called. Where standard error is the journal of a service manager
/// ($JOURNAL_STREAM names it), each begins with its priority as well.
void SetLogFormat(LogFormat format);

/// Messages beyond `level` are left out from now on; until it is called, those beyond kInfo.
void SetLogLevel(LogLevel level);
LogLevel GetLogLevel();

/// Whether a message of that level would be written: for callers to whom making one costs something.
bool LogsAt(LogLevel level);

/// Writes `message` as one line (FormatLogLine), in one write, so that lines of several threads do not mix; it is cut
/// at PIPE_BUF bytes (4096), up to which a pipe takes a line whole. What cannot be written at once is dropped, since a
/// full log pipe must not stop the server, and counted: a warning with the count goes before the next line that can be.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace iris
