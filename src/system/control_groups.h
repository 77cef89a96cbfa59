// SPDX-License-Identifier: Apache-2.0
//
// What the control groups that this process is in limit. Knows version 2, version 1 (a controller mounted at MOUNT/NAME),
// and containers that see their own group as the root. Source: cgroups(7), Documentation/admin-guide/cgroup-v2.rst.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iris {

/// A controller, and how its limit is read.
struct Controller {
  std::string_view name;            ///< As version 1 calls it, "cpu".
  std::vector<std::string> mounts;  ///< Where version 1 has it, below where the groups are: "cpu", "cpu,cpuacct".
  /// The limit that a group's folder states; nothing when there is none.
  std::function<std::optional<double>(const std::string& folder)> version1;
  std::function<std::optional<double>(const std::string& folder)> version2;
};

/// The least limit of a control group of this process or one above it; nothing when none limits it. `groups` is what
/// /proc/self/cgroup says, `mount` where the groups' files are (/sys/fs/cgroup).
std::optional<double> LeastLimit(std::string_view groups, const std::string& mount, const Controller& controller);

/// /proc/self/cgroup and the like; empty when it cannot be read.
std::string ReadSmallFile(const std::string& path);

/// The first number in `text`, which it is taken off with what separates it; nothing for "max", -1, 0 or nothing.
std::optional<double> TakeNumber(std::string_view& text);

}  // namespace iris
