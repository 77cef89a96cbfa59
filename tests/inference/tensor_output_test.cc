// SPDX-License-Identifier: Apache-2.0

#include "src/inference/tensor_output.h"

#include <array>
#include <cstdint>
#include <limits>

#include "tests/inference/models.h"

namespace iris {
namespace {

using enum OutputKind;

TEST_CASE("how many bytes the values take at least") {
  const ServedModel two = ServeTwoClasses();  // the shortest name has 2 bytes
  const auto [kind, raw, bytes] = GENERATE(table<OutputKind, bool, std::uint64_t>({
      {kLabel, false, 1 * 10},
      {kLabel, true, 4 * 10},
      {kClass, false, (2 + 2) * 10},
      {kClass, true, (2 + 4) * 10},
      {kDecision, false, 2 * 8 * 10},
      {kDecision, true, 2 * 8 * 10},
      {kContribution, true, 4 * 8 * 10},
  }));
  CHECK(LeastOutputBytes(*two.model, std::array{kind}, 10, raw) == bytes);
}

TEST_CASE("bytes of several outputs add up, and what overflows is the largest number") {
  const ServedModel two = ServeTwoClasses();
  const std::array kinds = {kLabel, kDecision};
  CHECK(LeastOutputBytes(*two.model, kinds, 10, true) == 200);
  CHECK(LeastOutputBytes(*two.model, kinds, std::numeric_limits<std::size_t>::max(), true) ==
        std::numeric_limits<std::uint64_t>::max());
  CHECK(LeastOutputBytes(*two.model, kinds, 0, true) == 0);
}

}  // namespace
}  // namespace iris
