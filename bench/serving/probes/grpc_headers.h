// SPDX-License-Identifier: Apache-2.0
//
// A gRPC call's headers, as libnghttp2 takes them.

#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace iris::bench {

/// Borrows `path`.
class GrpcHeaders {
 public:
  explicit GrpcHeaders(std::string_view path)
      : fields_{Field(":method", "POST"),          Field(":scheme", "http"), Field(":path", path),
                Field(":authority", "localhost"), Field("te", "trailers"),  Field("content-type", "application/grpc")} {}

  const nghttp2_nv* data() const { return fields_.data(); }
  std::size_t size() const { return fields_.size(); }

 private:
  static nghttp2_nv Field(std::string_view name, std::string_view value) {
    const auto bytes = [](std::string_view text) {
      return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
    };
    return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
  }

  std::array<nghttp2_nv, 6> fields_;
};

}  // namespace iris::bench
