// SPDX-License-Identifier: Apache-2.0
//
// Text of any length, seen through a window of whole lines that moves over it. From a file or pipe the window is a
// buffer of a quarter of a MiB, which grows only for a line that does not fit, up to 64 MiB (a model file has no more
// either); every byte is hashed as it is read.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/descriptor.h"
#include "src/base/error.h"
#include "src/base/sha256.h"

namespace iris {

/// Reads a text once, from its start to its end. Movable; one thread.
class TextBlocks {
 public:
  using Progress = std::function<void(std::uint64_t bytes_done, std::uint64_t bytes_total)>;

  /// A window on `text`, all of it at once. Borrows it.
  static TextBlocks OfText(std::string_view text);

  /// Opens the file `path`, or takes standard input for "-", and reads its start. `progress` may be empty.
  /// Errors: kIo, with the system's reason; kBadData for a directory.
  static Result<TextBlocks> OfFile(const std::string& path, Progress progress);

  /// How the text starts, up to a quarter of a MiB of it, to be looked at before a line end is searched for: a device
  /// or a file that is no text may not have one. Requires: no Begin yet.
  std::string_view start() const { return owner_ ? std::string_view(buffer_.get(), filled_) : window_; }

  /// Fills the window for the first time. Call once, before all that follows. Errors: as Advance.
  Result<void> Begin() { return owner_ ? Advance(1) : Result<void>(); }

  /// What lies in the window: whole lines, or in the last window all that is left. Valid until Advance.
  std::string_view window() const { return window_; }

  /// Whether the window reaches to the end of the text.
  bool last() const { return last_; }

  /// Drops the first `consumed` bytes of the window without moving it. Requires: consumed <= window().size().
  void Drop(std::size_t consumed) { window_.remove_prefix(consumed); }

  /// Moves the window on, so that it holds at least one line more; when nothing was dropped, at least twice as much, so
  /// that whoever starts over with each window still takes time in proportion to the text.
  /// `line` is the number of the line that the window starts with. Requires: !last().
  /// Errors: kIo; kBadData for a line, or lines that were not dropped, of 64 MiB or more.
  Result<void> Advance(std::size_t line);

  /// The SHA-256 of the text. Requires: last().
  std::string Sha256Hex() const { return hash_.Hex(); }

 private:
  TextBlocks() = default;
  Result<std::size_t> Read(char* to, std::size_t room);
  Result<void> Fill();
  void Reserve(std::size_t capacity);

  std::string_view window_;
  bool last_ = false;
  Sha256 hash_;

  // Of a file only. The buffer: dropped bytes, the window, the start of a line that is not whole yet, room.
  bool owner_ = false;  // of the buffer
  int fd_ = -1;
  Descriptor owned_;  // empty for standard input
  std::string name_;
  Progress progress_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t filled_ = 0;
};

}  // namespace iris
