// SPDX-License-Identifier: Apache-2.0
//
// The inner part of SHA-256 (FIPS 180-4, 6.2.2), twice: in plain C++, and with the processor's own instructions, about
// five times as fast. Both give the same bits. Pure functions.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace iris {

/// The eight working variables between blocks.
using Sha256State = std::array<std::uint32_t, 8>;

inline constexpr std::size_t kSha256Block = 64;

/// FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
extern const std::array<std::uint32_t, 64> kSha256RoundConstants;

/// Mixes `count` blocks of 64 bytes into `state`, with whatever this processor does fastest.
void MixSha256Blocks(Sha256State& state, const unsigned char* blocks, std::size_t count);

/// The same in plain C++.
void MixSha256BlocksPlainly(Sha256State& state, const unsigned char* blocks, std::size_t count);

/// Whether this processor has SHA-256 instructions that we can use.
bool HasSha256Instructions();

/// The same with those. Requires: HasSha256Instructions().
void MixSha256BlocksNatively(Sha256State& state, const unsigned char* blocks, std::size_t count);

}  // namespace iris
