// SPDX-License-Identifier: Apache-2.0
//
// Points in time as every output of ours shows them.

#pragma once

#include <chrono>
#include <string>

namespace iris {

/// `time` in UTC as RFC 3339 writes it, to the microsecond: "2026-05-04T03:02:01.000250Z".
std::string Rfc3339(std::chrono::system_clock::time_point time);

}  // namespace iris
