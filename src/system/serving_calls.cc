// SPDX-License-Identifier: Apache-2.0
//
// How the list came about: every system call that musl, mimalloc, libc++, gRPC, OpenSSL, libmicrohttpd and our own code
// make on the way from "confined" to the end of the process; each test of the served product runs under it. What glibc
// makes in their place is in it too, so that a development build is confined like the release.

#include "src/system/serving_calls.h"

#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <initializer_list>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define IRIS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IRIS_SANITIZED 1
#endif

namespace iris {
namespace {

// The ones that are made all the time come first: a kernel that does not remember verdicts goes through the list.
constexpr long kAlways[] = {
    // Connections, events, waiting.
    SYS_futex, SYS_epoll_pwait, SYS_recvmsg, SYS_sendmsg, SYS_read, SYS_write, SYS_epoll_ctl, SYS_close, SYS_ppoll,
    SYS_accept4, SYS_recvfrom, SYS_sendto, SYS_readv, SYS_writev, SYS_shutdown, SYS_getsockopt, SYS_setsockopt,
    SYS_getsockname, SYS_getpeername, SYS_accept, SYS_eventfd2, SYS_epoll_create1, SYS_pipe2, SYS_timerfd_create,
    SYS_timerfd_settime,
    // Time.
    SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_clock_getres,
    // Memory; mmap and mprotect are below.
    SYS_madvise, SYS_munmap, SYS_mremap, SYS_brk, SYS_membarrier, SYS_getrandom,
    // Threads and signals.
    SYS_sched_yield, SYS_sched_getaffinity, SYS_sched_getscheduler, SYS_sched_getparam, SYS_getcpu, SYS_set_robust_list,
    SYS_set_tid_address, SYS_rseq, SYS_gettid, SYS_getpid, SYS_getppid, SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_rt_sigreturn, SYS_rt_sigtimedwait,
    SYS_rt_sigpending, SYS_sigaltstack, SYS_restart_syscall, SYS_tkill, SYS_exit, SYS_exit_group,
    // Files, of which Landlock says which; openat is below.
    SYS_newfstatat, SYS_fstat, SYS_statx, SYS_lseek, SYS_pread64, SYS_getdents64, SYS_readlinkat, SYS_faccessat,
    SYS_faccessat2, SYS_fstatfs,
    // What the process itself is and uses.
    SYS_getrusage, SYS_prlimit64, SYS_times, SYS_sysinfo, SYS_uname, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
    SYS_getcwd,
#if defined(__x86_64__)  // The older half of them, which newer machines never had.
    SYS_epoll_wait, SYS_poll, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_getrlimit, SYS_arch_prctl,
    SYS_time, SYS_epoll_create,
#endif
};

constexpr long kNever[] = {
    SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_bpf, SYS_perf_event_open,
    SYS_userfaultfd, SYS_unshare, SYS_setns, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_init_module,
    SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_keyctl, SYS_add_key,
    SYS_request_key, SYS_open_by_handle_at, SYS_setuid, SYS_setgid, SYS_setresuid, SYS_setresgid, SYS_capset,
    SYS_io_uring_setup,
#if defined(__x86_64__)
    SYS_fork, SYS_vfork, SYS_iopl, SYS_ioperm, SYS_modify_ldt,
#endif
};

CallRule Masked(long number, unsigned argument, std::uint32_t mask, std::initializer_list<std::uint32_t> values,
                CallVerdict otherwise = CallVerdict::kDeny) {
  return {.number = number,
          .condition = CallRule::Condition::kMasked,
          .argument = argument,
          .mask = mask,
          .values = values,
          .otherwise = otherwise};
}

// Of the flags of open those that write or make anything. (That of O_TMPFILE alone: the macro holds O_DIRECTORY, too.)
constexpr std::uint32_t kWritingFlags =
    O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~std::uint32_t{O_DIRECTORY});
constexpr std::uint32_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                      CLONE_NEWPID | std::uint32_t{CLONE_NEWNET};
constexpr std::uint32_t kAllBits = ~std::uint32_t{0};

#ifdef IRIS_SANITIZED
// What sanitizers do behind the back of the program: their leak check stops all threads from a process of its own, their
// reports call llvm-symbolizer, and some are written to files.
constexpr long kOfSanitizers[] = {
    SYS_ptrace, SYS_wait4, SYS_execve, SYS_clone, SYS_pipe, SYS_dup2, SYS_prctl, SYS_openat, SYS_personality,
    SYS_mmap, SYS_mprotect, SYS_kill, SYS_process_vm_readv, SYS_fork, SYS_vfork,
    SYS_tgkill, SYS_fcntl, SYS_ioctl, SYS_socket, SYS_mincore, SYS_setrlimit,
};
#endif

}  // namespace

std::vector<CallRule> ServingCalls(bool removes_files) {
  std::vector<CallRule> rules;
#ifdef IRIS_SANITIZED
  for (const long number : kOfSanitizers) rules.push_back({.number = number});
#endif
  for (const long number : kAlways) rules.push_back({.number = number});
  rules.push_back(Masked(SYS_mmap, 2, PROT_EXEC, {0}));
  rules.push_back(Masked(SYS_mprotect, 2, PROT_EXEC, {0}));
  rules.push_back(Masked(SYS_clone, 0, CLONE_THREAD | kNamespaces, {CLONE_THREAD}, CallVerdict::kKill));
  rules.push_back(Masked(SYS_openat, 2, kWritingFlags, {O_RDONLY}));
#if defined(__x86_64__)
  rules.push_back(Masked(SYS_open, 1, kWritingFlags, {O_RDONLY}));
#endif
  rules.push_back(Masked(SYS_fcntl, 1, kAllBits, {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC}));
  rules.push_back(Masked(SYS_ioctl, 1, kAllBits, {TIOCGWINSZ, FIONREAD, FIONBIO, TCGETS}));
  rules.push_back(Masked(SYS_prctl, 0, kAllBits, {PR_SET_NAME, PR_GET_NAME}));
  // abort() of glibc; musl's uses tkill, which names no process. Landlock keeps both from others where it can.
  rules.push_back(Masked(SYS_tgkill, 0, kAllBits, {static_cast<std::uint32_t>(getpid())}));
  if (removes_files) {
    rules.push_back({.number = SYS_unlinkat});
#if defined(__x86_64__)
    rules.push_back({.number = SYS_unlink});
#endif
  }
  for (const long number : kNever) rules.push_back({.number = number, .otherwise = CallVerdict::kKill});
  return rules;
}

std::size_t CountAllowed(const std::vector<CallRule>& rules) {
  return static_cast<std::size_t>(std::ranges::count_if(rules, [](const CallRule& rule) {
    return rule.condition == CallRule::Condition::kMasked || rule.otherwise == CallVerdict::kAllow;
  }));
}

}  // namespace iris
