// SPDX-License-Identifier: Apache-2.0
//
// The bytes of one message as gRPC holds them, and the way between them and protobuf.

#pragma once

#include <cstddef>
#include <memory>

struct grpc_byte_buffer;
namespace google::protobuf {
class MessageLite;
}

namespace iris {

/// Owns a message's bytes; empty: no message at all, which is not the same as a message of no bytes.
class Bytes {
 public:
  Bytes() = default;
  /// Takes `buffer` over, which may be null.
  explicit Bytes(grpc_byte_buffer* buffer) : buffer_(buffer) {}

  explicit operator bool() const { return buffer_ != nullptr; }
  grpc_byte_buffer* get() const { return buffer_.get(); }
  /// Units: bytes. Requires: not empty.
  std::size_t size() const;

 private:
  struct Destroy {
    void operator()(grpc_byte_buffer* buffer) const;
  };
  std::unique_ptr<grpc_byte_buffer, Destroy> buffer_;
};

/// Reads `message` from `bytes`; false when they are no such message, or there are none.
bool Parse(const Bytes& bytes, google::protobuf::MessageLite& message);

/// Requires: `message` is below 2 GiB.
Bytes Serialize(const google::protobuf::MessageLite& message);

}  // namespace iris
