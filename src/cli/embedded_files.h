// SPDX-License-Identifier: Apache-2.0
//
// The sets of files that the program carries and hands out. They are put in when it is built, byte for byte
// (iris_embed_file); the lists here and in src/CMakeLists.txt name the same ones, and a test holds them against the
// source tree.

#pragma once

#include <span>
#include <string_view>

namespace iris {

struct EmbeddedFile {
  std::string_view path;  ///< In its set's folder, with slashes.
  std::string_view text;
};

/// The .proto files of every service, and those that they import: all that is needed to call it but what protoc itself
/// brings (google/protobuf).
std::span<const EmbeddedFile> EmbeddedProtos();

}  // namespace iris
