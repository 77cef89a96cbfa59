// SPDX-License-Identifier: Apache-2.0

#include "src/system/log.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <mutex>
#include <string>

namespace iris {
namespace {

std::atomic<LogFormat> log_format = LogFormat::kText;
std::atomic<LogLevel> log_level = LogLevel::kInfo;

// Whether standard error takes up to PIPE_BUF bytes now. A pipe that does takes them whole.
bool StandardErrorIsReady() {
  pollfd watched = {.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  return poll(&watched, 1, 0) == 1 && (watched.revents & POLLOUT) != 0;
}

// "DEVICE:INODE" of the stream that the journal reads is what a service manager sets; whether it is ours has to be
// looked at, because a child's standard error may have been redirected. Source: systemd.exec(5).
bool IsJournal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status{};
  return stream != nullptr && fstat(STDERR_FILENO, &status) == 0 &&
         stream == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

// The writing end of the log. One line at a time: of two that both found room for one, the second would block.
class Writer {
 public:
  Writer() : journal_(IsJournal()) {}

  void Write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    const std::lock_guard lock(writing_);
    if (lost_ > 0) {
      const std::string count = std::to_string(lost_);
      const std::string notice = count + (lost_ == 1 ? " line was" : " lines were") +
                                 " lost here, because whatever reads this log did not keep up";
      if (WriteLine(Format(LogLevel::kWarning, notice, {{.name = "lost", .value = lost_}}))) lost_ = 0;
    }
    if (!WriteLine(Format(level, message, fields))) ++lost_;
  }

 private:
  std::string Format(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) const {
    const std::string_view priority = journal_ ? JournalPriority(level) : "";
    std::string line(priority);
    line += FormatLogLine(log_format.load(std::memory_order_relaxed), level, std::chrono::system_clock::now(), message,
                          fields, PIPE_BUF - 1 - priority.size());
    return line + '\n';
  }

  static bool WriteLine(std::string_view line) {
    while (!line.empty() && StandardErrorIsReady()) {
      const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      line.remove_prefix(static_cast<std::size_t>(written));
    }
    return line.empty();
  }

  const bool journal_;
  std::mutex writing_;
  std::uint64_t lost_ = 0;
};

}  // namespace

void SetLogFormat(LogFormat format) { log_format.store(format, std::memory_order_relaxed); }

void SetLogLevel(LogLevel level) { log_level.store(level, std::memory_order_relaxed); }

LogLevel GetLogLevel() { return log_level.load(std::memory_order_relaxed); }

bool LogsAt(LogLevel level) { return level <= GetLogLevel(); }

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!LogsAt(level)) return;
  // Never destroyed, because gRPC's threads may have something to say while the process ends. (Standard error cannot be
  // made non-blocking instead of asked beforehand: that would hold for every process that shares it.)
  static Writer& writer = *new Writer;
  writer.Write(level, message, fields);
}

}  // namespace iris
