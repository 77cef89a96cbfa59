// SPDX-License-Identifier: Apache-2.0

#include "src/base/sha256.h"

#include <algorithm>

#include "src/base/sha256_blocks.h"

namespace iris {

void Sha256::Update(std::string_view bytes) {
  const std::size_t pending = length_ % kSha256Block;
  length_ += bytes.size();
  if (pending != 0) {
    const std::size_t taken = std::min(bytes.size(), kSha256Block - pending);
    std::copy_n(bytes.data(), taken, pending_.data() + pending);
    bytes.remove_prefix(taken);
    if (pending + taken < kSha256Block) return;
    MixSha256Blocks(state_, pending_.data(), 1);
  }
  const std::size_t blocks = bytes.size() / kSha256Block;
  MixSha256Blocks(state_, reinterpret_cast<const unsigned char*>(bytes.data()), blocks);
  bytes.remove_prefix(blocks * kSha256Block);
  std::copy_n(bytes.data(), bytes.size(), pending_.data());
}

std::string Sha256::Hex() const {
  // The rest, a 1 bit, zeros, and the length in bits as 64 big-endian bits: one block, or two when they do not fit.
  std::array<unsigned char, 2 * kSha256Block> tail{};
  const std::size_t rest = length_ % kSha256Block;
  std::copy_n(pending_.data(), rest, tail.data());
  tail[rest] = 0x80;
  const std::size_t padded = rest + 9 <= kSha256Block ? kSha256Block : 2 * kSha256Block;
  const std::uint64_t bits = length_ * 8;
  for (std::size_t i = 0; i < 8; ++i) tail[padded - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
  Sha256State state = state_;
  MixSha256Blocks(state, tail.data(), padded / kSha256Block);

  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (const std::uint32_t word : state) {
    for (int shift = 28; shift >= 0; shift -= 4) hex += kHex[(word >> shift) & 0xFu];
  }
  return hex;
}

std::string Sha256Hex(std::string_view bytes) {
  Sha256 hash;
  hash.Update(bytes);
  return hash.Hex();
}

}  // namespace iris
