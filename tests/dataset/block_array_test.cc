// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/block_array.h"

#include <numeric>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

TEST_CASE("what is appended comes out in order, over many blocks") {
  BlockArray<int> array;
  CHECK(array.Take().empty());
  constexpr int kCount = 3'000'000;
  for (int i = 0; i < kCount; ++i) array.Append(i);
  CHECK(array.size() == kCount);
  const std::vector<int> all = array.Take();
  std::vector<int> expected(kCount);
  std::iota(expected.begin(), expected.end(), 0);
  CHECK((all == expected));
  CHECK(all.capacity() == all.size());
  CHECK(array.size() == 0);
  array.Append(7);
  CHECK(array.Take() == std::vector<int>{7});
}

TEST_CASE("room that is not kept is used again, and rows stay whole") {
  BlockArray<double> array;
  std::vector<double> expected;
  for (int i = 0; i < 2000; ++i) {
    const auto width = static_cast<std::size_t>(1 + i % 700);
    double* const room = array.Room(width);
    for (std::size_t k = 0; k < width; ++k) room[k] = i;
    if (i % 3 == 0) continue;
    array.Keep(width);
    expected.insert(expected.end(), width, i);
  }
  CHECK((array.Take() == expected));
}

}  // namespace
}  // namespace iris
