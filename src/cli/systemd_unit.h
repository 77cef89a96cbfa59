// SPDX-License-Identifier: Apache-2.0
//
// The unit file as it suits a version of systemd.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace iris {

/// The version that "systemctl --version" tells; nothing where there is no systemd, or it does not answer within a few
/// seconds.
std::optional<std::uint64_t> InstalledSystemd();

/// The same of what it prints: "systemd 252 (252.38-1~deb12u1)" is 252.
std::optional<std::uint64_t> ReadSystemdVersion(const std::string& output);

/// `unit` (assets/systemd, which every version takes) with Type=notify-reload where `version` knows it, so that
/// "systemctl reload" returns when the reload is done: from 253 on.
std::string UnitForSystemd(std::string unit, std::optional<std::uint64_t> version);

}  // namespace iris
