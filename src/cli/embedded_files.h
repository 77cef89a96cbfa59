// SPDX-License-Identifier: Apache-2.0
//
// The sets of files that the program carries and hands out. They are put in when it is built, byte for byte
// (iris_embed_file); the lists here and in src/CMakeLists.txt name the same ones, and a test holds them against the
// source tree.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace iris {

struct EmbeddedFile {
  std::string_view path;  ///< In its set's folder, with slashes.
  std::string_view text;  ///< Where inflated_size is not 0, in zlib's format: what WholeText() inflates.
  std::size_t inflated_size = 0;
  std::string (*make)() = nullptr;  ///< Where not null, what makes the text, in place of all that.
};

/// The text itself, inflated if need be.
std::string WholeText(const EmbeddedFile& file);

/// The .proto files of every service, and those that they import: all that is needed to call it but what protoc itself
/// brings (google/protobuf).
std::span<const EmbeddedFile> EmbeddedProtos();

/// Completion scripts, by shell: "bash", "zsh", "fish".
std::span<const EmbeddedFile> EmbeddedCompletions();

/// The man page.
std::span<const EmbeddedFile> EmbeddedManual();

/// What runs it with docker compose: assets/container.
std::span<const EmbeddedFile> EmbeddedCompose();

/// What runs it in a cluster: assets/kubernetes.
std::span<const EmbeddedFile> EmbeddedKubernetes();

/// The licence, and the notices of all that is linked in.
std::span<const EmbeddedFile> EmbeddedLicenses();

/// The bill of materials, made by toolchain/sbom.
std::span<const EmbeddedFile> EmbeddedSbom();

/// What systemd runs it with: assets/systemd.
std::span<const EmbeddedFile> EmbeddedUnit();
std::span<const EmbeddedFile> EmbeddedSocket();

}  // namespace iris
