// SPDX-License-Identifier: Apache-2.0
//
// Compressed bytes and what they stand for: what compression.h does to a message once it is known how it came.

#pragma once

#include <cstddef>

#include "src/base/error.h"
#include "src/rpc/bytes.h"

namespace iris {

enum class Encoding {
  kDeflate,  ///< RFC 1950: zlib's header, whatever the name says.
  kGzip,     ///< RFC 1952.
};

/// What `bytes` inflate to, all of them: nothing may be missing or follow. Requires: bytes are there.
/// Errors: kInvalidArgument when they cannot be inflated; kTooLarge when that makes more than `limit` bytes, told
/// without taking more memory than that.
Result<Bytes> InflateWhole(Encoding encoding, const Bytes& bytes, std::size_t limit);

}  // namespace iris
