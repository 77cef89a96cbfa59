// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

namespace iris::bench {

/// The same numbers on every machine, which the standard library's distributions are not. Generator: SplitMix64.
/// Source: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Bits() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  /// In [0, 1).
  double Uniform() { return static_cast<double>(Bits() >> 11) * 0x1p-53; }

  /// Nearly normal, mean 0 and variance 1: twelve uniform numbers of 16 bits. No logarithm, whose last bit depends on
  /// the C library.
  double Normal() {
    std::uint64_t sum = 0;
    for (int word = 0; word < 3; ++word) {
      const std::uint64_t bits = Bits();
      sum += (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
    }
    return static_cast<double>(sum) * 0x1p-16 - (6.0 - 12 * 0x1p-17);
  }

 private:
  std::uint64_t state_;
};

}  // namespace iris::bench
