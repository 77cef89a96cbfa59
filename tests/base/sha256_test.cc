// SPDX-License-Identifier: Apache-2.0

#include "src/base/sha256.h"

#include <random>

#include "catch_amalgamated.hpp"
#include "src/base/sha256_blocks.h"

namespace iris {
namespace {

// FIPS 180-4's examples, and every length around the edge of a block against sha256sum.
TEST_CASE("SHA-256 of the published examples") {
  CHECK(Sha256Hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(Sha256Hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(Sha256Hex(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 around the edge of a block") {
  CHECK(Sha256Hex(std::string(55, '\xff')) == "aadaed00a3c5fbb8072ae7f1984ba8199fbe5272de427d11eaf31583af37db51");
  CHECK(Sha256Hex(std::string(56, '\xff')) == "528ff50ab05e77bbbd224a9ec86165dbb6824a9a9efb544be0a1d57d5b416457");
  CHECK(Sha256Hex(std::string(63, '\xff')) == "d12449c8124182545ae91924286cc6af13528bcf62a5ddbd5e00b891fffc1b48");
  CHECK(Sha256Hex(std::string(64, '\xff')) == "8667e718294e9e0df1d30600ba3eeb201f764aad2dad72748643e4a285e1d1f7");
  CHECK(Sha256Hex(std::string(65, '\xff')) == "855c9a28fff2bbbd71327165554a00c6fdd44d5d58c1f12b8fdff29b5d67f001");
  CHECK(Sha256Hex(std::string(119, '\xff')) == "b863f94597d433ef2280e3b4656f13ea265a79bb8047287321c218905b03c99b");
  CHECK(Sha256Hex(std::string(120, '\xff')) == "9088fee917e5a748c2f0b4f5458c1cbdabbd696291c69be6e605bae0ef779e8f");
  CHECK(Sha256Hex(std::string(128, '\xff')) == "e9175db65a9789096ca9cb5524d3abc2107df03e3c9ba3af1aca628f9c5d3bd2");
}

TEST_CASE("SHA-256 in pieces is that of the whole, wherever it is cut") {
  std::string text(200, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7);
  const std::string_view all = text;
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (const std::size_t second : {first, first + 1, first + 63, first + 64, first + 65, text.size()}) {
      if (second > text.size()) continue;
      Sha256 hash;
      hash.Update(all.substr(0, first));
      hash.Update(all.substr(first, second - first));
      const std::string middle = hash.Hex();
      hash.Update(all.substr(second));
      if (middle != Sha256Hex(all.substr(0, second)) || hash.Hex() != Sha256Hex(all)) {
        FAIL("cut at " << first << " and " << second);
      }
    }
  }
}

TEST_CASE("SHA-256 in plain C++ is the published one") {
  // FIPS 180-4's first example, padded by hand.
  std::array<unsigned char, kSha256Block> block{'a', 'b', 'c', 0x80};
  block.back() = 24;
  const Sha256State start = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const Sha256State abc = {0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
                           0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad};
  Sha256State state = start;
  MixSha256BlocksPlainly(state, block.data(), 1);
  CHECK(state == abc);
  if (HasSha256Instructions()) {
    state = start;
    MixSha256BlocksNatively(state, block.data(), 1);
    CHECK(state == abc);
  }
}

TEST_CASE("the processor's SHA-256 instructions mix as plain C++ does") {
  if (!HasSha256Instructions()) SKIP("this processor has none");
  std::mt19937 random(180);
  std::array<unsigned char, 5 * kSha256Block + 1> bytes;
  for (int round = 0; round < 1000; ++round) {
    for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random());
    Sha256State plain;
    for (std::uint32_t& word : plain) word = static_cast<std::uint32_t>(random());
    Sha256State native = plain;
    const std::size_t count = random() % 6;
    MixSha256BlocksPlainly(plain, bytes.data() + 1, count);  // + 1: no alignment is taken for granted
    MixSha256BlocksNatively(native, bytes.data() + 1, count);
    if (plain != native) FAIL(round);
  }
}

}  // namespace
}  // namespace iris
