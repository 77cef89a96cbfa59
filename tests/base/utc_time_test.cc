// SPDX-License-Identifier: Apache-2.0

#include "src/base/utc_time.h"

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

std::string At(std::chrono::microseconds since_epoch) {
  return Rfc3339(std::chrono::system_clock::time_point(since_epoch));
}

TEST_CASE("times are RFC 3339 in UTC, to the microsecond") {
  using namespace std::chrono_literals;
  CHECK(At(0us) == "1970-01-01T00:00:00.000000Z");
  CHECK(At(951'782'400s) == "2000-02-29T00:00:00.000000Z");  // a leap day
  CHECK(At(1'777'863'721s + 250us) == "2026-05-04T03:02:01.000250Z");
  CHECK(At(4'102'444'799s + 999'999us) == "2099-12-31T23:59:59.999999Z");
  CHECK(At(-1us) == "1969-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace iris
