// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/long_message.h"

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

TEST_CASE("the more rows a model has, the shorter is what is long for it") {
  CHECK(LongMessageFor(0) == kLongMessage);
  CHECK(LongMessageFor(1) == kLongMessage);
  CHECK(LongMessageFor(3) == kLongMessage);
  CHECK(LongMessageFor(16) == kLongMessage / 2);
  CHECK(LongMessageFor(400) == kLongMessage / 50);
  CHECK(LongMessageFor(1000) == kShortMessage);
  CHECK(LongMessageFor(1'000'000) == kShortMessage);
}

}  // namespace
}  // namespace iris
