// SPDX-License-Identifier: Apache-2.0
//
// A filter over system calls, as a program that the kernel runs at each of them: what the list does not allow is refused.
// Source: seccomp(2), Documentation/userspace-api/seccomp_filter.rst, linux/filter.h.

#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace iris {

/// What becomes of a call.
enum class CallVerdict {
  kAllow,
  kDeny,  ///< EPERM.
  kKill,  ///< The process ends with SIGSYS.
};

/// One system call and when it is allowed. Only the lower 32 bits of an argument are looked at: the kernel looks at no
/// more of those that are looked at here.
struct CallRule {
  enum class Condition {
    kAlways,  ///< `otherwise` is then what becomes of the call.
    kMasked,  ///< If the argument, of which only the bits of `mask` count, is one of `values`.
  };

  long number;
  Condition condition = Condition::kAlways;
  unsigned argument = 0;  ///< From 0.
  std::uint32_t mask = ~std::uint32_t{0};
  std::vector<std::uint32_t> values{};
  CallVerdict otherwise = CallVerdict::kAllow;
};

/// The program. Calls of another architecture, or of x32, end the process; those without a rule get ENOSYS, as from a
/// kernel that does not have them, so that a library takes whatever other way it knows.
std::vector<sock_filter> CompileFilter(std::span<const CallRule> rules);

/// What became of it.
struct SeccompState {
  bool on = false;
  std::string missing{};  ///< Why not, for a person.
};

/// Puts all threads of this process under `program`, for good. Requires: no new privileges.
SeccompState InstallFilter(std::span<const sock_filter> program);

}  // namespace iris
