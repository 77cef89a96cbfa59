// SPDX-License-Identifier: Apache-2.0

#include "src/base/staged_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <thread>
#include <utility>

#include "src/base/text.h"

namespace iris {
namespace {

constexpr std::chrono::milliseconds kPollInterval{10};

std::unexpected<Error> IoError(const std::string& what, int error) {
  return Fail(ErrorCode::kIo, what + ": " + SystemReason(error));
}

/// Takes the writer's lock, without waiting. Where the file system knows no locks, everybody gets it: the later writer
/// then wins, and the earlier one is told when its rename fails.
bool TryLock(int fd) { return ::flock(fd, LOCK_EX | LOCK_NB) == 0 || (errno != EWOULDBLOCK && errno != EINTR); }

/// Whether `name` in `folder` is still the file that `fd` has open: another writer may have renamed or removed it.
bool IsStill(int folder, const std::string& name, int fd) {
  struct stat by_name;
  struct stat by_fd;
  return ::fstatat(folder, name.c_str(), &by_name, AT_SYMLINK_NOFOLLOW) == 0 && ::fstat(fd, &by_fd) == 0 &&
         by_name.st_dev == by_fd.st_dev && by_name.st_ino == by_fd.st_ino;
}

enum class Leftover { kGone, kBusy };

/// Removes a temporary file that a dead writer left.
Result<Leftover> RemoveLeftover(int folder, const std::string& name) {
  const Descriptor leftover(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!leftover) {
    if (errno == ENOENT) return Leftover::kGone;
    return IoError("cannot open " + name + ", which is in the way: remove it and try again", errno);
  }
  if (!TryLock(leftover.get())) return Leftover::kBusy;
  if (!IsStill(folder, name, leftover.get())) return Leftover::kGone;
  if (::unlinkat(folder, name.c_str(), 0) != 0 && errno != ENOENT) {
    return IoError("cannot remove " + name + ", which is in the way: remove it and try again", errno);
  }
  return Leftover::kGone;
}

}  // namespace

Result<StagedFile> StagedFile::Create(int folder, const std::string& name, mode_t mode,
                                      std::chrono::milliseconds patience) {
  const std::string staged_name = "." + name + ".tmp";
  const auto deadline = std::chrono::steady_clock::now() + patience;
  do {
    Descriptor file(::openat(folder, staged_name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (file) {
      // Between creation and lock, another writer may have taken the new file for a leftover: then it is gone.
      if (TryLock(file.get()) && IsStill(folder, staged_name, file.get())) {
        return StagedFile(folder, name, staged_name, std::move(file));
      }
    } else if (errno != EEXIST) {
      if (errno == EINTR) continue;
      return IoError("cannot create the temporary file " + staged_name, errno);
    } else {
      const Result<Leftover> leftover = RemoveLeftover(folder, staged_name);
      if (!leftover) return std::unexpected(leftover.error());
      if (*leftover == Leftover::kBusy) std::this_thread::sleep_for(kPollInterval);
    }
  } while (std::chrono::steady_clock::now() < deadline);
  return Fail(ErrorCode::kIo, "another process is still writing it (" + staged_name + "): try again when it is done");
}

StagedFile::StagedFile(int folder, std::string name, std::string staged_name, Descriptor file)
    : folder_(folder), name_(std::move(name)), staged_name_(std::move(staged_name)), file_(std::move(file)) {}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : folder_(other.folder_),
      name_(std::move(other.name_)),
      staged_name_(std::move(other.staged_name_)),
      file_(std::move(other.file_)),
      pending_(std::exchange(other.pending_, false)) {}

StagedFile::~StagedFile() {
  if (pending_) ::unlinkat(folder_, staged_name_.c_str(), 0);
}

Result<void> StagedFile::Commit() {
  if (const int error = SyncDescriptor(file_.get())) return IoError("cannot force it to the disk", error);
  if (::renameat(folder_, staged_name_.c_str(), folder_, name_.c_str()) != 0) {
    return IoError("cannot rename " + staged_name_ + " to " + name_, errno);
  }
  pending_ = false;
  return {};
}

int WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written > 0) {
      content.remove_prefix(static_cast<std::size_t>(written));
    } else if (written == 0) {
      return EIO;  // no progress and no reason: not worth waiting for
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

int SyncDescriptor(int fd) {
  while (::fsync(fd) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

}  // namespace iris
