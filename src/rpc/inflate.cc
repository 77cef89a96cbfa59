// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/inflate.h"

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <zlib.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace iris {
namespace {

constexpr int kZlibHeader = MAX_WBITS;
constexpr int kGzipHeader = MAX_WBITS + 16;
constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

// zlib's state, released in the end.
class Inflater {
 public:
  explicit Inflater(int window_bits) : ready_(inflateInit2(&stream_, window_bits) == Z_OK) {}
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
    for (const grpc_slice& piece : pieces_) grpc_slice_unref(piece);
  }

  enum class Outcome { kMore, kEnd, kBad, kTooLarge };

  // Takes the next compressed bytes; inflates up to one byte more than `limit` in all. What comes in small slices fills
  // the same piece, so that it takes no more memory than it inflates to, and a piece.
  Outcome Take(const grpc_slice& compressed, std::size_t limit) {
    if (!ready_) return Outcome::kBad;
    stream_.next_in = const_cast<Bytef*>(GRPC_SLICE_START_PTR(compressed));
    stream_.avail_in = static_cast<uInt>(GRPC_SLICE_LENGTH(compressed));
    if (ended_) return stream_.avail_in == 0 ? Outcome::kEnd : Outcome::kBad;
    for (;;) {
      if (stream_.avail_out == 0) AddPiece(std::min(kPieceBytes, limit - size_ + 1));
      const uInt room = stream_.avail_out;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      size_ += room - stream_.avail_out;
      if (size_ > limit) return Outcome::kTooLarge;
      if (result == Z_STREAM_END) {
        ended_ = true;
        return stream_.avail_in == 0 ? Outcome::kEnd : Outcome::kBad;
      }
      if (result != Z_OK && result != Z_BUF_ERROR) return Outcome::kBad;
      if (stream_.avail_out > 0) return Outcome::kMore;  // all that came is used up
    }
  }

  Bytes Finish() {
    if (!pieces_.empty()) GRPC_SLICE_SET_LENGTH(pieces_.back(), GRPC_SLICE_LENGTH(pieces_.back()) - stream_.avail_out);
    return Bytes(grpc_raw_byte_buffer_create(pieces_.data(), pieces_.size()));
  }

 private:
  void AddPiece(std::size_t bytes) {
    pieces_.push_back(grpc_slice_malloc_large(bytes));
    stream_.next_out = GRPC_SLICE_START_PTR(pieces_.back());
    stream_.avail_out = static_cast<uInt>(bytes);
  }

  z_stream stream_{};
  const bool ready_;
  bool ended_ = false;
  std::size_t size_ = 0;
  std::vector<grpc_slice> pieces_;
};

std::unexpected<Error> NotCompressed(const char* encoding) {
  return Fail(ErrorCode::kInvalidArgument,
              std::string("the message is marked as compressed with ") + encoding + ", and is not, or is incomplete");
}

}  // namespace

Result<Bytes> InflateWhole(Encoding encoding, const Bytes& bytes, std::size_t limit) {
  const bool gzip = encoding == Encoding::kGzip;
  const char* const name = gzip ? "gzip" : "deflate";
  Inflater inflater(gzip ? kGzipHeader : kZlibHeader);
  Inflater::Outcome outcome = Inflater::Outcome::kMore;
  const grpc_slice_buffer& slices = bytes.get()->data.raw.slice_buffer;
  for (std::size_t i = 0; i < slices.count; ++i) {
    outcome = inflater.Take(slices.slices[i], limit);
    if (outcome == Inflater::Outcome::kBad) return NotCompressed(name);
    if (outcome == Inflater::Outcome::kTooLarge) {
      return Fail(ErrorCode::kTooLarge, "the message inflates to more than " + std::to_string(limit) +
                                            " bytes, which is the limit: send less in one message");
    }
  }
  if (outcome != Inflater::Outcome::kEnd) return NotCompressed(name);
  return inflater.Finish();
}

}  // namespace iris
