// SPDX-License-Identifier: Apache-2.0
//
// The two messages of the contract (proto/iris.proto) as bytes, with gRPC's five before them: by hand, for the server
// that is to show the cost of HTTP/2 and no more.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "linear_model.h"

namespace iris::bench {

/// The flower of one IrisPredictRequest; a field left out is 0, the last of several counts. Returns false for what is
/// no such message: compressed, of another length than its prefix says, or with fields that the contract has not.
inline bool ReadRequest(std::span<const std::uint8_t> bytes, Flower& flower) {
  flower = {};
  if (bytes.size() < 5 || bytes[0] != 0) return false;
  const std::size_t announced = std::size_t{bytes[1]} << 24 | std::size_t{bytes[2]} << 16 |
                                std::size_t{bytes[3]} << 8 | bytes[4];
  bytes = bytes.subspan(5);
  if (bytes.size() != announced) return false;
  for (; !bytes.empty(); bytes = bytes.subspan(9)) {
    const unsigned field = bytes[0] >> 3;
    if (bytes.size() < 9 || (bytes[0] & 7) != 1 || field < 1 || field > 4) return false;  // wire type 1: eight bytes
    std::memcpy(&flower[field - 1], &bytes[1], 8);
  }
  return true;
}

/// Writes an IrisPredictReply; returns its length. Requires: 0 ≤ species < 128.
inline std::size_t WriteReply(int species, std::span<std::uint8_t> to) {
  const std::uint8_t length = species == 0 ? 0 : 2;  // proto3 leaves zero out
  const std::array<std::uint8_t, 7> bytes{0, 0, 0, 0, length, 1 << 3, static_cast<std::uint8_t>(species)};
  std::memcpy(to.data(), bytes.data(), std::size_t{5} + length);
  return std::size_t{5} + length;
}

}  // namespace iris::bench
