// SPDX-License-Identifier: Apache-2.0

#include "src/system/foreign_variables.h"

#include <cstdlib>
#include <string_view>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

TEST_CASE("variables are dropped by how their names begin, wherever they stand") {
  for (const char* const name : {"FOREIGN_A", "FOREIGN_", "FOREIGN_LAST", "FOREIGNER", "MY_FOREIGN_A"}) {
    setenv(name, "FOREIGN_=x", 1);
  }
  DropVariables("FOREIGN_");
  CHECK(std::getenv("FOREIGN_A") == nullptr);
  CHECK(std::getenv("FOREIGN_") == nullptr);
  CHECK(std::getenv("FOREIGN_LAST") == nullptr);
  REQUIRE(std::getenv("FOREIGNER") != nullptr);
  REQUIRE(std::getenv("MY_FOREIGN_A") != nullptr);
  CHECK(std::string_view(std::getenv("MY_FOREIGN_A")) == "FOREIGN_=x");
  unsetenv("FOREIGNER");
  unsetenv("MY_FOREIGN_A");
}

}  // namespace
}  // namespace iris
