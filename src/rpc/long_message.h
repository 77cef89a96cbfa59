// SPDX-License-Identifier: Apache-2.0
//
// Which messages are worked on elsewhere than on a queue's thread.

#pragma once

#include <cstddef>

#include "src/rpc/bytes.h"
#include "src/rpc/compression.h"

namespace iris {

/// Units: bytes. Below, an answer takes at most one to three milliseconds (integers of one byte each), and where values are
/// doubles a tenth of that: 10,000 rows of four, 320 KB, are answered sooner than a thread would wake up for them twice.
inline constexpr std::size_t kLongMessage = std::size_t{384} << 10;
/// Units: bytes. What is compressed grows by up to 1,032 times (deflate).
inline constexpr std::size_t kLongCompressedMessage = 256;

/// Whether `message`, just received of `call`, may take so long that other calls should not wait behind it.
inline bool IsLong(grpc_call* call, const Bytes& message) {
  return message && message.size() >= (IsCompressed(call) ? kLongCompressedMessage : kLongMessage);
}

}  // namespace iris
