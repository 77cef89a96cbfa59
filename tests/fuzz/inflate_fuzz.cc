// SPDX-License-Identifier: Apache-2.0
//
// Compressed messages: what is inflated is what zlib alone makes of the same bytes, whatever slices they came in, and
// never longer than the limit. First byte: encoding, and how it is cut into slices.

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/slice.h>
#include <zlib.h>

#include <optional>
#include <string>
#include <vector>

#include "src/rpc/inflate.h"
#include "tests/fuzz/fuzz.h"

namespace iris {
namespace {

constexpr std::size_t kLimit = 100'000;

/// The reference: all at once, one byte more than the limit.
std::optional<std::string> Reference(bool gzip, std::string_view compressed) {
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + (gzip ? 16 : 0)) != Z_OK) return std::nullopt;
  std::string out(kLimit + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_FINISH);
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0 && stream.total_out <= kLimit;
  out.resize(stream.total_out);
  inflateEnd(&stream);
  if (!whole) return std::nullopt;
  return out;
}

Bytes Sliced(std::string_view text, std::size_t piece) {
  std::vector<grpc_slice> slices;
  do {
    const std::string_view part = text.substr(0, piece);
    slices.push_back(grpc_slice_from_copied_buffer(part.data(), part.size()));
    text.remove_prefix(part.size());
  } while (!text.empty());
  Bytes bytes(grpc_raw_byte_buffer_create(slices.data(), slices.size()));
  for (const grpc_slice& slice : slices) grpc_slice_unref(slice);
  return bytes;
}

std::string Joined(const Bytes& bytes) {
  grpc_byte_buffer_reader reader;
  grpc_byte_buffer_reader_init(&reader, bytes.get());
  const grpc_slice all = grpc_byte_buffer_reader_readall(&reader);
  std::string text(reinterpret_cast<const char*>(GRPC_SLICE_START_PTR(all)), GRPC_SLICE_LENGTH(all));
  grpc_slice_unref(all);
  grpc_byte_buffer_reader_destroy(&reader);
  return text;
}

}  // namespace
}  // namespace iris

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iris;
  static const bool started = [] { grpc_init(); return true; }();
  if (size == 0 || !started) return 0;
  const bool gzip = (data[0] & 1) != 0;
  const std::size_t piece = 1 + std::size_t{data[0]} / 2 * 7;
  const std::string_view compressed = fuzz::Text(data + 1, size - 1);
  const std::optional<std::string> expected = Reference(gzip, compressed);
  const Result<Bytes> inflated =
      InflateWhole(gzip ? Encoding::kGzip : Encoding::kDeflate, Sliced(compressed, piece), kLimit);
  fuzz::Require(inflated.has_value() == expected.has_value(), "zlib is of the same opinion:",
                inflated ? "" : inflated.error().message);
  if (!inflated) {
    fuzz::RequireMessage(inflated.error().message);
    return 0;
  }
  fuzz::Require(Joined(*inflated) == *expected, "and of the same bytes");
  return 0;
}
