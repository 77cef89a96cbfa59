// SPDX-License-Identifier: Apache-2.0

#include "src/system/landlock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "src/base/text.h"

namespace iris {
namespace {

// The kernel's interface, which headers of the kernels that we build on lack in part. Call numbers are the same on all
// machines.
constexpr long kCreateRuleset = 444;
constexpr long kAddRule = 445;
constexpr long kRestrictSelf = 446;
constexpr std::uint32_t kAskVersion = 1;  // LANDLOCK_CREATE_RULESET_VERSION
constexpr int kPathBeneath = 1;           // LANDLOCK_RULE_PATH_BENEATH

struct RulesetAttributes {
  std::uint64_t files;
  std::uint64_t network;  // ABI 4
  std::uint64_t scoped;   // ABI 6
};
struct [[gnu::packed]] PathRule {
  std::uint64_t allowed;
  std::int32_t parent;
};

constexpr std::uint64_t kReadFile = 1u << 2;
constexpr std::uint64_t kReadFolder = 1u << 3;
constexpr std::uint64_t kRemoveFile = 1u << 5;
constexpr std::uint64_t kBindAndConnect = 3;   // LANDLOCK_ACCESS_NET_BIND_TCP, _CONNECT_TCP
constexpr std::uint64_t kAbstractSockets = 1;  // LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
constexpr std::uint64_t kSignals = 2;          // LANDLOCK_SCOPE_SIGNAL

constexpr int kFirstWithNetwork = 4;
constexpr int kFirstWithScopes = 6;
constexpr int kNewestKnown = 7;

// All that a kernel of that version can refuse in the file system: bits 0 to 12, and then one more now and then.
constexpr std::uint64_t FileRights(int abi) {
  std::uint64_t rights = (1u << 13) - 1;
  if (abi >= 2) rights |= 1u << 13;  // moving and linking between folders
  if (abi >= 3) rights |= 1u << 14;  // truncating
  if (abi >= 5) rights |= 1u << 15;  // ioctl of devices
  return rights;
}

// How much of RulesetAttributes it knows.
constexpr std::size_t AttributesSize(int abi) {
  if (abi < kFirstWithNetwork) return offsetof(RulesetAttributes, network);
  return abi < kFirstWithScopes ? offsetof(RulesetAttributes, scoped) : sizeof(RulesetAttributes);
}

std::string WhyNot(int error) {
  switch (error) {
    case ENOSYS:
      return "this kernel has none";
    case EOPNOTSUPP:
      return "this kernel has it switched off";
    default:
      return SystemReason(error);
  }
}

/// False, with errno, when the rule cannot be had. What is not there needs none.
bool Allow(int ruleset, int path, std::uint64_t rights) {
  const PathRule rule{.allowed = rights, .parent = path};
  return syscall(kAddRule, ruleset, kPathBeneath, &rule, 0) == 0;
}

bool AllowAll(int ruleset, const std::vector<std::string>& paths, std::uint64_t rights) {
  return std::ranges::all_of(paths, [&](const std::string& name) {
    const Descriptor path(open(name.c_str(), O_PATH | O_CLOEXEC));
    struct stat status{};
    if (!path || fstat(path.get(), &status) != 0) return true;
    return Allow(ruleset, path.get(), S_ISDIR(status.st_mode) ? rights : rights & ~kReadFolder);
  });
}

}  // namespace

LandlockState RestrictWithLandlock(const LandlockScope& scope) {
  const long found = syscall(kCreateRuleset, nullptr, 0, kAskVersion);
  if (found < 1) return {.missing = WhyNot(errno)};
  const int abi = static_cast<int>(std::min<long>(found, kNewestKnown));
  RulesetAttributes attributes{.files = FileRights(abi), .network = kBindAndConnect, .scoped = kSignals};
  if (!scope.abstract_sockets) attributes.scoped |= kAbstractSockets;
  const Descriptor ruleset(static_cast<int>(syscall(kCreateRuleset, &attributes, AttributesSize(abi), 0)));
  if (!ruleset) return {.missing = WhyNot(errno)};
  LandlockState state;
  // Folders, too, for what is told of one that stands where a file should: that it is one.
  bool complete = AllowAll(ruleset.get(), scope.readable, kReadFile | kReadFolder) &&
                  AllowAll(ruleset.get(), scope.removable, kRemoveFile);
  const auto hold = [&](const char* name, std::uint64_t rights) {
    Descriptor path(open(name, O_PATH | O_CLOEXEC));
    if (!path) return true;
    state.held.push_back(std::move(path));
    return Allow(ruleset.get(), state.held.back().get(), rights);
  };
  complete = complete && hold("/proc/self", kReadFile | kReadFolder) && hold("/proc/stat", kReadFile);
  if (!complete || syscall(kRestrictSelf, ruleset.get(), 0) != 0) return {.missing = WhyNot(errno)};
  state.abi = abi;
  return state;
}

}  // namespace iris
