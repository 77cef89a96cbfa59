// SPDX-License-Identifier: Apache-2.0
//
// Compressed messages. gRPC's own filter inflates whatever comes, to any size, answers INTERNAL when it cannot, and takes
// a message that is marked as compressed for plain where no encoding is named. So it is off, and this is in its place.
// Source: https://github.com/grpc/grpc/blob/master/doc/compression.md; RFC 1950 (deflate), RFC 1952 (gzip).

#pragma once

#include <grpc/grpc.h>

#include <cstddef>

#include "src/base/error.h"
#include "src/rpc/bytes.h"

namespace iris {

/// Whether the caller names an encoding; what is answered is then compressed, too, with what the caller takes.
bool IsCompressed(grpc_call* call);

/// The message that `bytes`, the last one that was received of `call`, stands for.
/// Errors: kInvalidArgument when it cannot be inflated; kTooLarge when it has more than `limit` bytes, or would
/// have, told without taking more memory than that; kUnimplemented when it is marked as compressed, but not with gzip or deflate.
Result<Bytes> Inflate(grpc_call* call, Bytes bytes, std::size_t limit);

}  // namespace iris
