// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/text_blocks.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "src/base/text.h"
#include "src/dataset/table_error.h"

namespace iris {
namespace {

constexpr std::size_t kCapacity = std::size_t{1}
                                  << 18;  // fits a second-level cache: hashed and parsed while it is there
constexpr std::size_t kLongestLine = kCapacity << 8;  // 64 MiB

}  // namespace

TextBlocks TextBlocks::OfText(std::string_view text) {
  TextBlocks blocks;
  blocks.window_ = text;
  blocks.last_ = true;
  blocks.hash_.Update(text);
  return blocks;
}

Result<TextBlocks> TextBlocks::OfFile(const std::string& path, Progress progress) {
  TextBlocks blocks;
  blocks.name_ = path == "-" ? "standard input" : path;
  blocks.progress_ = std::move(progress);
  blocks.fd_ = STDIN_FILENO;
  if (path != "-") {
    do {
      blocks.fd_ = ::open(path.c_str(), O_RDONLY | O_NOCTTY | O_CLOEXEC);
    } while (blocks.fd_ < 0 && errno == EINTR);
    if (blocks.fd_ < 0) return Fail(ErrorCode::kIo, "cannot open " + path + ": " + SystemReason(errno));
    blocks.owned_ = Descriptor(blocks.fd_);
  }
  struct stat status;
  if (::fstat(blocks.fd_, &status) != 0) {
    return Fail(ErrorCode::kIo, "cannot read " + blocks.name_ + ": " + SystemReason(errno));
  }
  // What stands in for a closed standard input (cli/console.cc) is a folder that cannot be read: the reading says so.
  if (S_ISDIR(status.st_mode) && path != "-") {
    return Fail(ErrorCode::kBadData, blocks.name_ + " is a directory, expected a file");
  }
  if (S_ISREG(status.st_mode)) blocks.total_ = static_cast<std::uint64_t>(status.st_size);
  blocks.owner_ = true;
  blocks.Reserve(kCapacity);
  if (Result<void> first = blocks.Fill(); !first) return std::unexpected(std::move(first.error()));
  return blocks;
}

Result<std::size_t> TextBlocks::Read(char* to, std::size_t room) {
  while (true) {
    const ssize_t got = ::read(fd_, to, room);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(ErrorCode::kIo, "cannot read " + name_ + ": " + SystemReason(errno));
    const auto size = static_cast<std::size_t>(got);
    hash_.Update({to, size});
    done_ += size;
    return size;
  }
}

Result<void> TextBlocks::Fill() {
  while (!last_ && filled_ < capacity_) {
    const Result<std::size_t> got = Read(buffer_.get() + filled_, capacity_ - filled_);
    if (!got) return std::unexpected(got.error());
    filled_ += *got;
    last_ = *got == 0;
  }
  return {};
}

void TextBlocks::Reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  std::copy_n(buffer_.get(), filled_, larger.get());
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

Result<void> TextBlocks::Advance(std::size_t line) {
  // What is left of the window, and the line behind it that was not whole, move to the buffer's front.
  if (window_.data() != nullptr) {
    const auto dropped = static_cast<std::size_t>(window_.data() - buffer_.get());
    filled_ -= dropped;
    std::memmove(buffer_.get(), window_.data(), filled_);
  }
  const std::size_t old_size = window_.size();
  std::size_t new_size = old_size;
  if (window_.data() != nullptr) Reserve(std::clamp(2 * filled_, kCapacity, kLongestLine));
  std::size_t searched = window_.data() != nullptr ? filled_ : 0;
  while (true) {
    if (Result<void> filled = Fill(); !filled) return filled;
    const std::size_t line_end = std::string_view(buffer_.get() + searched, filled_ - searched).rfind('\n');
    if (line_end != std::string_view::npos) new_size = searched + line_end + 1;
    if (last_ || new_size != old_size || filled_ == kLongestLine) break;
    searched = filled_;
    Reserve(std::min(2 * capacity_, kLongestLine));
  }
  if (!last_ && new_size == old_size) {
    return TableError(name_, {line, 1}, "a line, or a field in quotes, of 64 MiB or more",
                      "shorter ones (is a line end or a closing quote missing?)");
  }
  window_ = {buffer_.get(), last_ ? filled_ : new_size};
  if (progress_) progress_(done_, total_);
  return {};
}

}  // namespace iris
