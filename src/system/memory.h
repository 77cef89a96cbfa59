// SPDX-License-Identifier: Apache-2.0
//
// How much memory this process may use.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace iris {

/// What the machine has, or less where a control group of this process or one above it allows less (memory.max,
/// memory.high, memory.limit_in_bytes). Units: bytes.
std::size_t UsableMemory();

/// The least that a control group allows; nothing when none limits it. `groups` and `mount`: control_groups.h.
std::optional<double> MemoryLimit(std::string_view groups, const std::string& mount);

}  // namespace iris
