// SPDX-License-Identifier: Apache-2.0
//
// Two doubles side by side: what every x86-64 has registers for. The innermost loops are written with them, because
// compilers put checks around loops that they vectorise themselves, which cost more than short rows gain, and because
// the bits are then the same at every optimisation level. Each lane sees the operations that a lone double would.

#pragma once

#include <cstring>

namespace iris {

using Pair [[gnu::vector_size(16)]] = double;

inline Pair LoadPair(const double* from) {
  Pair pair;
  std::memcpy(&pair, from, sizeof pair);
  return pair;
}

inline void StorePair(double* to, Pair pair) { std::memcpy(to, &pair, sizeof pair); }

}  // namespace iris
