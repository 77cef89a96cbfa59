// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 with the x86-64 instructions made for it (SHA-NI). Source: Intel, "Intel SHA Extensions" (2013).
//
// The instructions keep the eight working variables as two registers, {A,B,E,F} and {C,D,G,H}, and make two rounds at a
// time; four rounds use four words of the message, of which four registers hold sixteen.

#include <cstdlib>

#include "src/base/sha256_blocks.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

namespace iris {

bool HasSha256Instructions() {
  constexpr unsigned kSsse3 = 1u << 9;   // leaf 1, ECX
  constexpr unsigned kSse41 = 1u << 19;  // leaf 1, ECX
  constexpr unsigned kSha = 1u << 29;    // leaf 7, EBX
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 || (ecx & kSsse3) == 0 || (ecx & kSse41) == 0) return false;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & kSha) != 0;
}

__attribute__((target("sha,sse4.1"))) void MixSha256BlocksNatively(Sha256State& state, const unsigned char* blocks,
                                                                   std::size_t count) {
  const __m128i big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
  const auto* const constants = reinterpret_cast<const __m128i*>(kSha256RoundConstants.data());
  auto* const words = reinterpret_cast<__m128i*>(state.data());

  // {A,B,C,D}, {E,F,G,H} in memory to {A,B,E,F}, {C,D,G,H} in registers, the first named highest.
  const __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xB1);
  const __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1B);
  __m128i abef = _mm_alignr_epi8(badc, hgfe, 8);
  __m128i cdgh = _mm_blend_epi16(hgfe, badc, 0xF0);

  for (; count > 0; --count, blocks += kSha256Block) {
    const __m128i old_abef = abef;
    const __m128i old_cdgh = cdgh;
    __m128i w[4];
    for (int i = 0; i < 4; ++i) {
      w[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(blocks) + i), big_endian);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; ++i) {
      if (i >= 4) {  // the next four words of the schedule: w[t-16] + s0(w[t-15]) + w[t-7] + s1(w[t-2])
        const __m128i w7 = _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4);
        const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]), w7);
        w[i % 4] = _mm_sha256msg2_epu32(sum, w[(i + 3) % 4]);
      }
      const __m128i added = _mm_add_epi32(w[i % 4], _mm_loadu_si128(constants + i));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, added);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(added, 0x0E));
    }
    abef = _mm_add_epi32(abef, old_abef);
    cdgh = _mm_add_epi32(cdgh, old_cdgh);
  }

  const __m128i feba = _mm_shuffle_epi32(abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xB1);
  _mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
}

}  // namespace iris

#else

namespace iris {

bool HasSha256Instructions() { return false; }
void MixSha256BlocksNatively(Sha256State&, const unsigned char*, std::size_t) { std::abort(); }

}  // namespace iris

#endif
