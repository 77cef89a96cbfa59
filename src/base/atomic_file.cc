// SPDX-License-Identifier: Apache-2.0

#include "src/base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>

#include "src/base/descriptor.h"
#include "src/base/staged_file.h"
#include "src/base/text.h"

namespace iris {
namespace {

constexpr std::chrono::seconds kPatience{10};  // with another writer of the same file

std::unexpected<Error> CannotWrite(const std::string& path, const std::string& reason) {
  return Fail(ErrorCode::kIo, "cannot write " + path + ": " + reason);
}

int OpenRetrying(const char* path, int flags) {
  int fd = -1;
  do {
    fd = ::open(path, flags | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

/// Writes into what cannot be replaced: a pipe, a terminal, a device.
Result<void> WriteStraight(const std::string& path, std::string_view content) {
  const Descriptor file(OpenRetrying(path.c_str(), O_WRONLY | O_NOCTTY));
  if (!file) return CannotWrite(path, SystemReason(errno));
  if (const int error = WriteAll(file.get(), content)) return CannotWrite(path, SystemReason(error));
  return {};
}

/// Where a chain of symbolic links ends, so that the links stay and their target is replaced.
Result<std::string> ResolveLinks(const std::string& path) {
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return path;
  const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), &std::free);
  if (!resolved) return CannotWrite(path, "it is a symbolic link that leads nowhere: " + SystemReason(errno));
  return std::string(resolved.get());
}

/// Replaces the file `name` in the open folder. `mode` of nullptr: a new file, as the umask wants it.
Result<void> Replace(int folder, const std::string& name, const mode_t* mode, std::string_view content) {
  // What replaces a file is private until it has the old one's mode: that one may have been private too.
  Result<StagedFile> staged = StagedFile::Create(folder, name, mode == nullptr ? 0666 : 0600, kPatience);
  if (!staged) return std::unexpected(staged.error());
  if (mode != nullptr && ::fchmod(staged->fd(), *mode) != 0) {
    return Fail(ErrorCode::kIo, "cannot set its mode: " + SystemReason(errno));
  }
  if (const int error = WriteAll(staged->fd(), content)) return Fail(ErrorCode::kIo, SystemReason(error));
  return staged->Commit();
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes) {
  const Descriptor file(OpenRetrying(path.c_str(), O_RDONLY | O_NOCTTY));
  if (!file) return Fail(ErrorCode::kIo, "cannot open " + path + ": " + SystemReason(errno));
  struct stat status;
  if (::fstat(file.get(), &status) != 0) {
    return Fail(ErrorCode::kIo, "cannot read " + path + ": " + SystemReason(errno));
  }
  if (S_ISDIR(status.st_mode)) return Fail(ErrorCode::kBadData, path + " is a directory, expected a file");

  // One byte more than the file is said to hold, so that its end is met without growing the buffer again.
  constexpr std::size_t kChunk = 64 * 1024;
  const std::size_t announced = status.st_size > 0 ? static_cast<std::size_t>(status.st_size) : kChunk;
  std::string content(std::min(announced, max_bytes) + 1, '\0');
  std::size_t size = 0;
  while (true) {
    const ssize_t got = ::read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(ErrorCode::kIo, "cannot read " + path + ": " + SystemReason(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > max_bytes) {
      return Fail(ErrorCode::kBadData, path + " is larger than " + std::to_string(max_bytes) +
                                           " bytes, the most that is read from such a file");
    }
    if (size == content.size()) content.resize(std::min(size * 2, max_bytes + 1));
  }
  content.resize(size);
  return content;
}

Result<void> WriteFileAtomically(const std::string& path, std::string_view content) {
  struct stat status;
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) return CannotWrite(path, SystemReason(errno));
  if (path.empty() || path.ends_with('/')) return CannotWrite(path, "a file name is missing at its end");
  if (exists && S_ISDIR(status.st_mode)) return CannotWrite(path, "it is a directory");
  if (exists && !S_ISREG(status.st_mode)) return WriteStraight(path, content);

  const Result<std::string> target = ResolveLinks(path);
  if (!target) return std::unexpected(target.error());
  const std::size_t slash = target->rfind('/');
  const std::string folder_path = slash == std::string::npos ? "." : target->substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? *target : target->substr(slash + 1);

  // Opened before anything changes, so that a folder that cannot be forced to the disk is found out in time.
  const Descriptor folder(OpenRetrying(folder_path.c_str(), O_RDONLY | O_DIRECTORY));
  if (!folder) return CannotWrite(path, "its folder cannot be opened: " + SystemReason(errno));
  const mode_t mode = exists ? status.st_mode & 0777 : 0;
  const Result<void> replaced = Replace(folder.get(), name, exists ? &mode : nullptr, content);
  if (!replaced) return CannotWrite(path, replaced.error().message);
  const int error = SyncDescriptor(folder.get());
  if (error != 0 && error != EINVAL) {  // EINVAL: this file system has nothing to force
    return CannotWrite(path,
                       "it was replaced, but its folder cannot be forced to the disk, so that a power failure "
                       "may bring the old one back: " +
                           SystemReason(error));
  }
  return {};
}

}  // namespace iris
