// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace iris {

/// gRPC's own word for a status code. Source: grpc/doc/statuscodes.md.
inline std::string_view StatusName(int code) {
  constexpr std::array<std::string_view, 17> kNames = {
      "OK",             "CANCELLED",          "UNKNOWN",       "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
      "ALREADY_EXISTS", "PERMISSION_DENIED",  "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
      "UNIMPLEMENTED",  "INTERNAL",           "UNAVAILABLE",   "DATA_LOSS",        "UNAUTHENTICATED"};
  const auto index = static_cast<std::size_t>(code);
  return index < kNames.size() ? kNames[index] : "UNKNOWN";
}

}  // namespace iris
