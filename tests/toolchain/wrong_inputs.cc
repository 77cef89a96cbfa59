// SPDX-License-Identifier: Apache-2.0
//
// Gives libraries of the release what once made them write or read where they must not; test_hardening.py says how each has
// to end. Arguments: "reserve", "rehash" or "construct" and a number asks a hash container of Abseil's for room for so many
// entries (CVE-2025-0838); "euc-kr" has musl decode every pair of bytes in that encoding (CVE-2025-26519).
#include <iconv.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "absl/container/flat_hash_set.h"

namespace {

/// How many pairs are taken whose first byte is beyond the extension's last one, 0xc6, and whose second is the extension's.
int TakenBeyondTheTable() {
  const iconv_t conversion = iconv_open("UTF-8", "EUC-KR");
  int taken = 0;
  for (unsigned first = 0xc7; first <= 0xfe; ++first) {
    for (unsigned second = 0x41; second <= 0xa0; ++second) {
      std::array<char, 2> pair = {static_cast<char>(first), static_cast<char>(second)};
      std::array<char, 16> text{};
      char* from = pair.data();
      char* to = text.data();
      std::size_t left = pair.size();
      std::size_t room = text.size();
      iconv(conversion, nullptr, nullptr, nullptr, nullptr);
      taken += iconv(conversion, &from, &left, &to, &room) != static_cast<std::size_t>(-1);
    }
  }
  return taken;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view way = count > 1 ? words[1] : "";
  if (way == "euc-kr") return TakenBeyondTheTable() == 0 ? 0 : 1;
  if (count != 3) return 64;
  const std::size_t size = std::strtoull(words[2], nullptr, 10);
  absl::flat_hash_set<std::uint64_t> set(way == "construct" ? size : 0);
  if (way == "reserve") set.reserve(size);
  if (way == "rehash") set.rehash(size);
  set.insert(1);
  std::printf("has room for %zu\n", set.capacity());
  return set.capacity() >= size ? 0 : 1;
}
