// SPDX-License-Identifier: Apache-2.0
//
// How the list came about: every system call that musl, mimalloc, libc++, gRPC, OpenSSL, libmicrohttpd and our own code
// make on the way from "confined" to the end of the process, as the machine code of the release has them; each test of the
// served product runs under it, and tests/e2e/test_confinement_calls.py holds it against a traced life. What only glibc or a
// sanitizer makes is in the builds with those alone.

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
    // Connections, events, waiting. accept: musl's accept4 tries it where a listener was shut down.
    SYS_futex, SYS_epoll_pwait, SYS_recvmsg, SYS_sendmsg, SYS_read, SYS_write, SYS_epoll_ctl, SYS_close, SYS_accept4,
    SYS_recvfrom, SYS_sendto, SYS_shutdown, SYS_getsockopt, SYS_setsockopt, SYS_getsockname, SYS_getpeername, SYS_accept,
    SYS_eventfd2, SYS_epoll_create1,
    // Time. clock_gettime: the vDSO asks for it where a machine's clock can only be read by the kernel.
    SYS_clock_gettime, SYS_nanosleep,
    // Memory; mmap and mprotect are below. brk: musl's own allocator, for its lists of what to do at exit.
    SYS_madvise, SYS_munmap, SYS_brk, SYS_getrandom,
    // Threads. The scheduler's two: Abseil asks for priorities where threads queue for a lock. getcpu: without the vDSO, and
    // by mimalloc on machines with several memories.
    SYS_sched_yield, SYS_sched_getaffinity, SYS_sched_getscheduler, SYS_sched_getparam, SYS_getcpu, SYS_gettid, SYS_exit,
    SYS_exit_group,
    // Signals; rt_sigaction and tkill are abort's, and tkill ends the watch for a second signal. restart_syscall is the
    // kernel's own, after a stop. No handler is ever installed, so none returns (rt_sigreturn).
    SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_rt_sigtimedwait, SYS_restart_syscall, SYS_tkill,
    // Files, of which Landlock says which; open is below. readv, writev and lseek are stdio's: what libraries read, and
    // their last words on standard error.
    SYS_fstat, SYS_getdents64, SYS_getcwd, SYS_readv, SYS_writev, SYS_lseek,
    // What the process itself is and uses. The users: OpenSSL looks whether it may believe the environment.
    SYS_getrusage, SYS_prlimit64, SYS_getpid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
#if defined(__x86_64__)  // Where musl takes the older one of two, which newer machines never had.
    SYS_poll, SYS_stat, SYS_lstat, SYS_readlink,
#else
    SYS_ppoll, SYS_newfstatat, SYS_readlinkat,
#endif
};

#ifdef __GLIBC__
// What glibc makes in their place, or besides, in a development build; and what Debian's libraries may.
constexpr long kOfGlibc[] = {
    SYS_ppoll, SYS_pipe2, SYS_clock_nanosleep, SYS_gettimeofday, SYS_clock_getres, SYS_mremap, SYS_membarrier,
    SYS_set_robust_list, SYS_set_tid_address, SYS_rseq, SYS_rt_sigreturn, SYS_newfstatat, SYS_statx, SYS_pread64,
    SYS_readlinkat, SYS_faccessat, SYS_faccessat2, SYS_fstatfs, SYS_times, SYS_sysinfo, SYS_uname,
#if defined(__x86_64__)
    SYS_epoll_wait, SYS_epoll_create, SYS_access, SYS_getrlimit, SYS_arch_prctl, SYS_time,
#endif
};
#endif

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
    SYS_tgkill, SYS_fcntl, SYS_ioctl, SYS_socket, SYS_mincore, SYS_setrlimit, SYS_getppid, SYS_sigaltstack,
    SYS_rt_sigpending, SYS_timerfd_create, SYS_timerfd_settime,
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
#ifdef __GLIBC__
  for (const long number : kOfGlibc) rules.push_back({.number = number});
  rules.push_back(Masked(SYS_ioctl, 1, kAllBits, {TIOCGWINSZ, FIONREAD, FIONBIO, TCGETS}));
  rules.push_back(Masked(SYS_prctl, 0, kAllBits, {PR_SET_NAME, PR_GET_NAME}));
  // abort(); musl's uses tkill, which names no process. Landlock keeps both from others where it can.
  rules.push_back(Masked(SYS_tgkill, 0, kAllBits, {static_cast<std::uint32_t>(getpid())}));
#else
  rules.push_back(Masked(SYS_ioctl, 1, kAllBits, {TIOCGWINSZ}));  // whether the last words go to a terminal
#endif
#if defined(__x86_64__)
  rules.push_back(Masked(SYS_open, 1, kWritingFlags, {O_RDONLY}));
#endif
#if defined(__GLIBC__) || !defined(__x86_64__)
  rules.push_back(Masked(SYS_openat, 2, kWritingFlags, {O_RDONLY}));
#endif
  rules.push_back(Masked(SYS_fcntl, 1, kAllBits, {F_GETFD, F_SETFD, F_GETFL, F_SETFL}));
  if (removes_files) {
#if defined(__x86_64__)
    rules.push_back({.number = SYS_unlink});
#endif
#if defined(__GLIBC__) || !defined(__x86_64__)
    rules.push_back({.number = SYS_unlinkat});
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
