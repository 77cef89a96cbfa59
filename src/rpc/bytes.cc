// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/bytes.h"

#include <google/protobuf/io/zero_copy_stream.h>
#include <google/protobuf/message_lite.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/slice.h>

#include <algorithm>
#include <cstdint>

namespace iris {
namespace {

// The slices of a message one after the other, as they came from the network, without copying them together.
class SliceStream final : public google::protobuf::io::ZeroCopyInputStream {
 public:
  explicit SliceStream(grpc_byte_buffer* buffer) { grpc_byte_buffer_reader_init(&reader_, buffer); }
  SliceStream(const SliceStream&) = delete;
  SliceStream& operator=(const SliceStream&) = delete;
  ~SliceStream() override { grpc_byte_buffer_reader_destroy(&reader_); }

  bool Next(const void** data, int* size) override {
    if (returned_ == 0) {
      if (grpc_byte_buffer_reader_peek(&reader_, &slice_) == 0) return false;
      returned_ = GRPC_SLICE_LENGTH(*slice_);
    }
    *data = GRPC_SLICE_END_PTR(*slice_) - returned_;
    *size = static_cast<int>(returned_);
    count_ += *size;
    returned_ = 0;
    return true;
  }

  void BackUp(int count) override {
    returned_ = static_cast<std::size_t>(count);
    count_ -= count;
  }

  bool Skip(int count) override {
    const void* data = nullptr;
    int size = 0;
    while (Next(&data, &size)) {
      if (size >= count) {
        BackUp(size - count);
        return true;
      }
      count -= size;
    }
    return false;
  }

  std::int64_t ByteCount() const override { return count_; }

 private:
  grpc_byte_buffer_reader reader_{};
  grpc_slice* slice_ = nullptr;  // the one handed out last
  std::size_t returned_ = 0;     // bytes at its end that the reader gave back
  std::int64_t count_ = 0;
};

}  // namespace

void Bytes::Destroy::operator()(grpc_byte_buffer* buffer) const { grpc_byte_buffer_destroy(buffer); }

std::size_t Bytes::size() const { return grpc_byte_buffer_length(buffer_.get()); }

bool Parse(const Bytes& bytes, google::protobuf::MessageLite& message) {
  if (!bytes) return false;
  const grpc_slice_buffer& slices = bytes.get()->data.raw.slice_buffer;
  if (slices.count == 1) {  // a small request, which is most of them
    const grpc_slice& slice = slices.slices[0];
    return message.ParseFromArray(GRPC_SLICE_START_PTR(slice), static_cast<int>(GRPC_SLICE_LENGTH(slice)));
  }
  SliceStream stream(bytes.get());
  return message.ParseFromZeroCopyStream(&stream);
}

Bytes Serialize(const google::protobuf::MessageLite& message) {
  const std::size_t size = message.ByteSizeLong();
  grpc_slice slice = grpc_slice_malloc(size);
  message.SerializeWithCachedSizesToArray(GRPC_SLICE_START_PTR(slice));
  Bytes bytes(grpc_raw_byte_buffer_create(&slice, 1));
  grpc_slice_unref(slice);
  return bytes;
}

}  // namespace iris
