// SPDX-License-Identifier: Apache-2.0
//
// SHA-256, for telling whether bytes are the bytes that were meant: checksums of model files and of training data.
// Source: FIPS 180-4.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace iris {

/// The SHA-256 of bytes that come in pieces. A plain value: a copy goes on from where the original was. One thread.
class Sha256 {
 public:
  /// Takes in the next bytes.
  void Update(std::string_view bytes);

  /// The SHA-256 of all bytes so far, as 64 lower-case hexadecimal digits. More may follow.
  std::string Hex() const;

 private:
  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> pending_{};  ///< The first bytes of a block that is not full yet.
  std::uint64_t length_ = 0;                 ///< Bytes taken in, the pending ones too.
};

/// The SHA-256 of `bytes`, as 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

}  // namespace iris
