// SPDX-License-Identifier: Apache-2.0

#include "src/cli/text_table.h"

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

TEST_CASE("columns are aligned: the first to the left, the others to the right", "[text_table]") {
  CHECK(Aligned({{"name", "a", "bb"}, {"x", "100", "2"}, {"longer name", "5"}}) ==
        "name           a  bb\n"
        "x            100   2\n"
        "longer name    5\n");
  CHECK(Aligned({}).empty());
  CHECK(Aligned({{"only one"}}) == "only one\n");
}

TEST_CASE("a letter of several bytes takes one column", "[text_table]") {
  CHECK(Aligned({{"é", "1"}, {"ee", "2"}}) == "é   1\nee  2\n");
}

TEST_CASE("an empty last cell leaves no blanks behind", "[text_table]") {
  CHECK(Aligned({{"a", "b"}, {"c", ""}}) == "a  b\nc\n");
  CHECK(Aligned({{"", "b"}, {"", ""}}) == "  b\n\n");
}

TEST_CASE("numbers are short", "[text_table]") {
  CHECK(Short(1.0 / 3) == "0.333333");
  CHECK(Short(1e-300) == "1e-300");
  CHECK(Percent(145.0 / 150) == "96.67 %");
  CHECK(Percent(1.0) == "100.00 %");
  CHECK(Counted(1, "sample") == "1 sample");
  CHECK(Counted(0, "sample") == "0 samples");
}

}  // namespace
}  // namespace iris
