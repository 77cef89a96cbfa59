// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/compression.h"

#include <grpc/byte_buffer.h>

#include <cstdint>
#include <string>

#include "src/rpc/inflate.h"

// How the messages of a call came. gRPC's C interface has no public names for it; its tests' are part of the library.
grpc_compression_algorithm grpc_call_test_only_get_compression_algorithm(grpc_call* call);
std::uint32_t grpc_call_test_only_get_message_flags(grpc_call* call);

namespace iris {
namespace {

constexpr std::uint32_t kCompressedFlag = 0x80000000U;  // GRPC_WRITE_INTERNAL_COMPRESS

}  // namespace

bool IsCompressed(grpc_call* call) {
  return grpc_call_test_only_get_compression_algorithm(call) != GRPC_COMPRESS_NONE;
}

Result<Bytes> Inflate(grpc_call* call, Bytes bytes, std::size_t limit) {
  if (bytes && bytes.size() > limit) {
    return Fail(ErrorCode::kTooLarge, "the message has " + std::to_string(bytes.size()) + " bytes, and the limit is " +
                                          std::to_string(limit) + ": send less in one message");
  }
  if (!bytes || (grpc_call_test_only_get_message_flags(call) & kCompressedFlag) == 0) return bytes;
  const grpc_compression_algorithm algorithm = bytes.get()->data.raw.compression;
  if (algorithm == GRPC_COMPRESS_NONE) {
    return Fail(ErrorCode::kUnimplemented,
                "the message is marked as compressed, and grpc-encoding names no encoding that is known here: send gzip, "
                "deflate, or plain messages");
  }
  return InflateWhole(algorithm == GRPC_COMPRESS_GZIP ? Encoding::kGzip : Encoding::kDeflate, bytes, limit);
}

}  // namespace iris
