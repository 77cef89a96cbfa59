// SPDX-License-Identifier: Apache-2.0

#include "src/system/seccomp_filter.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <vector>

#include "catch_amalgamated.hpp"
#include "tests/system/confined_child.h"

namespace iris {
namespace {

// What getting out of a test takes, and what a sanitizer or a library asks for meanwhile.
std::vector<CallRule> Least() { return {{.number = SYS_exit_group}, {.number = SYS_write}, {.number = SYS_futex}}; }

/// In a child under `rules`: what `call` gives as its errno, 0 if it succeeds.
template <typename Call>
int ErrorUnder(const std::vector<CallRule>& rules, const Call& call) {
  return InChild([&] {
    const std::vector<sock_filter> program = CompileFilter(rules);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !InstallFilter(program).on) return 255;
    return call() < 0 ? errno : 0;
  });
}

TEST_CASE("what has no rule is unknown, what has one is allowed, denied, or the end") {
  std::vector<CallRule> rules = Least();
  const auto ask = [] { return syscall(SYS_getppid); };
  CHECK(ErrorUnder(rules, ask) == ENOSYS);
  rules.push_back({.number = SYS_getppid});
  CHECK(ErrorUnder(rules, ask) == 0);
  rules.back().otherwise = CallVerdict::kDeny;
  CHECK(ErrorUnder(rules, ask) == EPERM);
  rules.back().otherwise = CallVerdict::kKill;
  CHECK(ErrorUnder(rules, ask) == 1000 + SIGSYS);
}

TEST_CASE("an argument decides, by the bits that count") {
  std::vector<CallRule> rules = Least();
  rules.push_back({.number = SYS_umask,
                   .condition = CallRule::Condition::kMasked,
                   .argument = 0,
                   .mask = 07,
                   .values = {2, 7},
                   .otherwise = CallVerdict::kDeny});
  const auto ask = [](int mask) { return [mask] { return syscall(SYS_umask, mask); }; };
  CHECK(ErrorUnder(rules, ask(022)) == 0);
  CHECK(ErrorUnder(rules, ask(077)) == 0);
  CHECK(ErrorUnder(rules, ask(021)) == EPERM);
  rules.back().argument = 1;
  CHECK(ErrorUnder(rules, [] { return syscall(SYS_umask, 2, 3); }) == EPERM);
  CHECK(ErrorUnder(rules, [] { return syscall(SYS_umask, 3, 2); }) == 0);
}

TEST_CASE("the first rule of a call counts") {
  std::vector<CallRule> rules = Least();
  rules.push_back({.number = SYS_getppid});
  rules.push_back({.number = SYS_getppid, .otherwise = CallVerdict::kKill});
  CHECK(ErrorUnder(rules, [] { return syscall(SYS_getppid); }) == 0);
}

#if defined(__x86_64__)
TEST_CASE("calls of x32 end the process") {
  constexpr long kX32 = 0x4000'0000;
  CHECK(ErrorUnder(Least(), [] { return syscall(kX32 | SYS_exit_group, 0); }) == 1000 + SIGSYS);
}

TEST_CASE("calls of the 32-bit machine end the process") {
  const auto ask = [] {
    long result = 20;  // getpid there; 20 is writev here
    asm volatile("int $0x80" : "+a"(result)::"memory", "r8", "r9", "r10", "r11");
    return result;
  };
  const int ended = ErrorUnder(Least(), ask);
  // A kernel without them sends SIGSEGV.
  CHECK((ended == 1000 + SIGSYS || ended == 1000 + SIGSEGV));
}
#endif

}  // namespace
}  // namespace iris
