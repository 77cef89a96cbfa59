// SPDX-License-Identifier: Apache-2.0

#include "src/cli/out_of_memory.h"

#include <unistd.h>

#include <new>

#include "src/cli/command.h"
#include "src/cli/progress.h"

namespace iris {
namespace {

/// Any thread, and nothing but system calls: there is no memory.
[[noreturn]] void End() {
  const auto write = [](std::string_view text) {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  };
  if (::isatty(STDERR_FILENO) != 0) write(kEraseLine);
  write("iris-predictor: ");
  write(kOutOfMemory);
  write("\n");
  ::_exit(static_cast<int>(ExitCode::kIo));
}

/// The libraries allocate before main does: under a tight limit that is where memory runs out first.
[[gnu::constructor(101)]] void EndFromTheStart() { std::set_new_handler(End); }  // 101: before all others

}  // namespace

void EndWhenOutOfMemory() { std::set_new_handler(End); }

}  // namespace iris
