// SPDX-License-Identifier: Apache-2.0
//
// The temporary file beside the file that it is to replace. Its name is fixed (".NAME.tmp"), so that a killed run
// leaves at most one behind, and the next run takes that one away. Whether one that is in the way belongs to a live
// writer is told by a lock on it (flock): a lock dies with its process, a file does not. Nothing is ever written into a
// file that was not made here.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>

#include "src/base/descriptor.h"
#include "src/base/error.h"

namespace iris {

/// A file being written. Removed when destroyed, unless Commit has put it in place. Movable; one thread.
class StagedFile {
 public:
  /// Makes the temporary file for `name` in the open folder `folder`, which must outlive it. Takes away what a dead
  /// writer left; waits up to `patience` for a live one.
  /// Errors: kIo, with the system's reason; says so when another process is still writing.
  static Result<StagedFile> Create(int folder, const std::string& name, mode_t mode,
                                   std::chrono::milliseconds patience);

  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile();

  int fd() const { return file_.get(); }

  /// Forces the content to the disk and renames it to its final name. Errors: kIo; the old file is then untouched.
  Result<void> Commit();

 private:
  StagedFile(int folder, std::string name, std::string staged_name, Descriptor file);

  int folder_;
  std::string name_;
  std::string staged_name_;
  Descriptor file_;
  bool pending_ = true;
};

/// Writes all of `content`, however many calls that takes. Result: 0, or the system's error number.
int WriteAll(int fd, std::string_view content);

/// fsync, tried again when a signal interrupts it. Result: 0, or the system's error number.
int SyncDescriptor(int fd);

}  // namespace iris
