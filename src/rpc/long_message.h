// SPDX-License-Identifier: Apache-2.0
//
// Which messages are worked on elsewhere than on a queue's thread.

#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

#include "src/rpc/bytes.h"
#include "src/rpc/compression.h"

namespace iris {

/// Units: bytes. For three classes, an answer takes at most some 10 ms below that: 190,000 tensors that say nothing, or one
/// of 97,000 rows, a byte a value. Doubles take a hundredth: 10,000 rows of four, 320 KB, are answered sooner than a
/// thread would have woken up for them.
inline constexpr std::size_t kLongMessage = std::size_t{384} << 10;
/// Units: bytes. No model makes a message of so few long.
inline constexpr std::size_t kShortMessage = std::size_t{4} << 10;
/// Units: bytes. What is compressed grows by up to 1,032 times (deflate).
inline constexpr std::size_t kLongCompressedMessage = 256;

/// From how many bytes on a message is long where each row is held against so many rows of a model: as that takes longer.
constexpr std::size_t LongMessageFor(std::size_t model_rows) {
  constexpr std::size_t kFew = 8;  // rows that take about as long as reading the values does
  return std::max(kShortMessage, kLongMessage / std::max<std::size_t>(1, model_rows / kFew));
}

/// Whether `message`, just received of `call`, may take so long that other calls should not wait behind it.
/// `long_message`: Methods'.
inline bool IsLong(grpc_call* call, const Bytes& message, const std::function<std::size_t()>& long_message) {
  if (!message) return false;
  if (IsCompressed(call)) return message.size() >= kLongCompressedMessage;
  if (message.size() < kShortMessage) return false;
  return message.size() >= (long_message ? long_message() : kLongMessage);
}

}  // namespace iris
