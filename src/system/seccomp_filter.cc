// SPDX-License-Identifier: Apache-2.0

#include "src/system/seccomp_filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "src/base/text.h"

namespace iris {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
constexpr std::uint32_t kFirstOfX32 = 0x4000'0000;  // __X32_SYSCALL_BIT
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
#else
#error "no filter is known for this machine: name its AUDIT_ARCH_ here"
#endif

constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kUnknown = SECCOMP_RET_ERRNO | ENOSYS;
// A filter otherwise also has older kernels slow the process down against Spectre v4, as if it ran foreign code; what
// it runs is its own.
constexpr unsigned long kFlags = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW;

sock_filter Statement(unsigned code, std::uint32_t value) {
  return {.code = static_cast<std::uint16_t>(code), .jt = 0, .jf = 0, .k = value};
}
sock_filter Load(std::size_t offset) { return Statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
sock_filter Return(std::uint32_t action) { return Statement(BPF_RET | BPF_K, action); }
/// Skips `otherwise` statements unless what was loaded compares so.
sock_filter Unless(unsigned comparison, std::uint32_t value, std::size_t otherwise) {
  return {.code = static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K),
          .jt = 0,
          .jf = static_cast<std::uint8_t>(otherwise),
          .k = value};
}

std::uint32_t ActionOf(CallVerdict verdict) {
  switch (verdict) {
    case CallVerdict::kAllow:
      return SECCOMP_RET_ALLOW;
    case CallVerdict::kDeny:
      return kRefused;
    case CallVerdict::kKill:
      break;
  }
  return SECCOMP_RET_KILL_PROCESS;
}

/// What is done at a call that `rule` is about; every way through it returns.
std::vector<sock_filter> Decide(const CallRule& rule) {
  if (rule.condition == CallRule::Condition::kAlways) return {Return(ActionOf(rule.otherwise))};
  // Both machines are little-endian: the lower half of an argument comes first.
  std::vector<sock_filter> block = {Load(offsetof(seccomp_data, args) + rule.argument * sizeof(std::uint64_t)),
                                    Statement(BPF_ALU | BPF_AND | BPF_K, rule.mask)};
  for (const std::uint32_t value : rule.values) {
    block.push_back(Unless(BPF_JEQ, value, 1));
    block.push_back(Return(SECCOMP_RET_ALLOW));
  }
  block.push_back(Return(ActionOf(rule.otherwise)));
  return block;
}

}  // namespace

std::vector<sock_filter> CompileFilter(std::span<const CallRule> rules) {
  std::vector<sock_filter> program = {
      Load(offsetof(seccomp_data, arch)),
      {.code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 1, .jf = 0, .k = kMachine},
      Return(SECCOMP_RET_KILL_PROCESS),
      Load(offsetof(seccomp_data, nr)),
  };
#if defined(__x86_64__)
  program.push_back(Unless(BPF_JGE, kFirstOfX32, 1));
  program.push_back(Return(SECCOMP_RET_KILL_PROCESS));
#endif
  for (const CallRule& rule : rules) {
    const std::vector<sock_filter> block = Decide(rule);
    program.push_back(Unless(BPF_JEQ, static_cast<std::uint32_t>(rule.number), block.size()));
    program.insert(program.end(), block.begin(), block.end());
  }
  program.push_back(Return(kUnknown));
  return program;
}

SeccompState InstallFilter(std::span<const sock_filter> program) {
  const sock_fprog filter{.len = static_cast<unsigned short>(program.size()),
                          .filter = const_cast<sock_filter*>(program.data())};  // which the kernel only reads
  long failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, kFlags, &filter);
  if (failed < 0 && errno == EINVAL) {  // SPEC_ALLOW is of Linux 4.17
    failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
  }
  if (failed > 0) return {.missing = "a thread is under another filter"};
  if (failed == 0) return {.on = true};
  return {.missing = errno == ENOSYS || errno == EINVAL ? "this kernel has none" : SystemReason(errno)};
}

}  // namespace iris
