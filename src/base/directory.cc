// SPDX-License-Identifier: Apache-2.0

#include "src/base/directory.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstddef>

#include "src/base/text.h"

namespace iris {
namespace {

/// One level; its parent is there. What the name leads to counts, so a link to a folder is one.
Result<void> MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return {};
  const int error = errno;
  struct stat status;
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return {};
    return Fail(ErrorCode::kIo, "cannot make the folder " + path + ": there is a file of that name");
  }
  return Fail(ErrorCode::kIo, "cannot make the folder " + path + ": " + SystemReason(error));
}

}  // namespace

Result<void> MakeDirectories(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    if (Result<void> made = MakeDirectory(path.substr(0, slash)); !made) return made;
  }
  return path.ends_with('/') ? Result<void>() : MakeDirectory(path);
}

}  // namespace iris
