// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/libsvm.h"

#include <random>
#include <string>

#include "catch_amalgamated.hpp"
#include "src/base/number.h"
#include "tests/dataset/tables.h"

namespace iris {
namespace {

Result<Dataset> Parse(const std::string& text, TableOptions options = {}) {
  options.format = TableFormat::kLibsvm;
  return ParseTable(text, "t", options);
}

std::string Message(const std::string& text, const TableOptions& options = {}) { return BadData(Parse(text, options)); }

TEST_CASE("a sparse table") {
  const Result<Dataset> d = Parse("+1 1:0.5 3:-2e3\n-1 2:.25\n1\n-1.0 4:0 5:1\n");
  REQUIRE(d);
  CheckInvariants(*d);
  CHECK(d->class_names == Names{"1", "-1"});
  CHECK(d->labels == Labels{0, 1, 0, 1});
  CHECK(d->feature_names == Names{"feature_1", "feature_2", "feature_3", "feature_4", "feature_5"});
  const SparseMatrix& m = std::get<SparseMatrix>(d->features);
  CHECK(m.columns == 5);
  CHECK(m.starts == std::vector<std::size_t>{0, 2, 3, 3, 4});
  CHECK(m.indices == std::vector<std::uint32_t>{0, 2, 1, 4});  // the zero is not stored
  CHECK(m.values == Values{0.5, -2000, 0.25, 1});
}

TEST_CASE("comments, blank lines, gaps and line ends do not matter to a sparse table") {
  const Result<Dataset> plain = Parse("1 1:2 2:3\n2 1:4\n");
  REQUIRE(plain);
  for (const char* text : {
           "1 1:2 2:3\r\n2 1:4\r\n",
           "1 1:2 2:3\n2 1:4",
           "1 1:2 2:3\n2 1:4\r",
           "# a comment\n\n \t\n1 1:2 2:3 # 3:4 qid:x\n  # another\n2 1:4#5\n#",
           " 1\t1:2 \t 2:3  \n\t2  1:4 \t\r\n\r\n",
           "\xEF\xBB\xBF+1.0 01:2 2:3\n2e0 1:4e0 2:0\n",
       }) {
    CAPTURE(text);
    const Result<Dataset> d = Parse(text);
    REQUIRE(d);
    CHECK(d->class_names == plain->class_names);
    CHECK(d->labels == plain->labels);
    CHECK(AllValues(std::get<SparseMatrix>(d->features)) == Values{2, 3, 4, 0});
  }
}

TEST_CASE("labels of a sparse table are numbers, named by their shortest text") {
  CHECK(Parse("+1 1:1\n1.50 1:1\n-0 1:1\n1e1 1:1\n0 1:1\n1 1:1\n")->class_names == Names{"1", "1.5", "0", "10"});
  const Result<Dataset> sorted = Parse("10 1:1\n9 1:1\n-1 1:1\n", {.class_order = ClassOrder::kSorted});
  CHECK(sorted->class_names == Names{"-1", "9", "10"});
  CHECK(sorted->labels == Labels{2, 1, 0});
}

TEST_CASE("a fault in a sparse table is told with its place") {
  CHECK(Message("1 1:1\nx 1:1\n") ==
        "t:2:1: found \"x\", expected a finite number (the label; or is this a CSV? then say so: --format csv)");
  CHECK(Message("1 1:1\nnan 1:1\n") == "t:2:1: found \"nan\" (not a number), expected a finite number");
  CHECK(Message("1 1:1\n 1e999 1:1\n").starts_with("t:2:2: found \"1e999\" (out of range)"));
  CHECK(Message("1 1:1\n1:5 2:1\n") ==
        "t:2:1: found \"1:5\", expected a label (a number) before the index:value pairs");
  CHECK(Message("1,2 1:1\n") == "t:1:1: found \"1,2\" (several labels?), expected one label, a finite number");
  CHECK(Message("1 3:1 7\n") == "t:1:7: found \"7\", expected index:value, such as 3:0.5");
  CHECK(Message("1 3 :1\n") == "t:1:3: found \"3\", expected index:value, such as 3:0.5");
  CHECK(Message("1 -3:1\n") == "t:1:3: found \"-3:1\", expected index:value, such as 3:0.5");
  CHECK(Message("1 +3:1\n") == "t:1:3: found \"+3:1\", expected index:value, such as 3:0.5");
  CHECK(Message("1 a:1\n") == "t:1:3: found \"a:1\", expected index:value, such as 3:0.5");
  CHECK(Message("1 qid:3 1:1\n") ==
        "t:1:3: found \"qid:3\", expected index:value pairs only (a qid is for ranking, not for classes)");
  CHECK(Message("1 1:\n") ==
        "t:1:5: found an empty field, expected a finite number (missing values are not filled in)");
  CHECK(Message("1 1:x\n") == "t:1:5: found \"x\", expected a finite number");
  CHECK(Message("1 1:inf\n") == "t:1:5: found \"inf\" (infinite), expected a finite number");
  CHECK(Message("1 1:1e999\n").starts_with("t:1:5: found \"1e999\" (out of range)"));
  CHECK(Message("1 1:2:3\n") == "t:1:5: found \"2:3\", expected a finite number");
  CHECK(Message("1 1:2,5\n") == "t:1:5: found \"2,5\", expected a finite number with a decimal point");
  CHECK(Message("1 0:1\n") ==
        "t:1:3: found index 0, expected indices from 1 on (does this table count from 0? then add 1 to each)");
  CHECK(Message("1 2:1 2:3\n") == "t:1:7: found index 2 twice, expected each index once");
  CHECK(Message("1 2:1 1:3\n") == "t:1:7: found index 1 after 2, expected ascending indices");
  CHECK(Message("1 1:1\r2 1:1\n") == "t:1:6: found a carriage return alone, expected line ends LF or CR LF");
  CHECK(Message("1\r2 1:1\n") == "t:1:2: found a carriage return alone, expected line ends LF or CR LF");
  CHECK(Message("1 \r2 1:1\n") == "t:1:3: found a carriage return alone, expected line ends LF or CR LF");
  CHECK(Message(std::string(5000, '\n') + "1 1:2" + '\0' + "\n") ==
        "t:5001:6: found a NUL byte, expected text (is this a binary file, or UTF-16?)");
  CHECK(Message("1 1:1\n1.0 2:1\n") ==
        "t:1:1: found one class only (\"1\"), expected at least two different labels in the first number of each line");
  CHECK(Message("1\n2\n") == "t:1:1: found labels alone, expected index:value pairs behind them");
  CHECK(Message("") == "t:1:1: found no rows, expected lines of a label and index:value pairs");
  CHECK(Message("#\n\n") == "t:3:1: found no rows, expected lines of a label and index:value pairs");
}

TEST_CASE("the number of features of a sparse table is bounded") {
  const std::string above = "t:1:3: found an index above 16777216, expected no more features than that";
  CHECK(Message("1 16777217:1\n") == above);
  CHECK(Message("1 4294967295:1\n") == above);
  CHECK(Message("1 4294967297:1\n") == above);
  CHECK(Message("1 18446744073709551617:1\n") == above);
  CHECK(Message("1 " + std::string(1'000'000, '9') + ":1\n") == above);
  CHECK(Message("1 11:1\n", {.max_features = 10}) ==
        "t:1:3: found an index above 10, expected no more features than that");
  CHECK(Message("1 5:1\n", {.feature_count = 4}) ==
        "t:1:3: found an index above 4, expected no more features than were asked for");
  CHECK(Parse("1 2:1\n2 1:1\n", {.feature_count = 4})->feature_count() == 4);
}

TEST_CASE("more classes in a sparse table than anybody means") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += std::to_string(i) + " 1:1\n";
  CHECK(Parse(text)->class_names.size() == 1000);
  CHECK(
      Message(text + "1000 1:1\n") ==
      "t:1001:1: found class number 1001, expected at most 1000 classes (is the first number of each line the label?)");
}

TEST_CASE("a sparse line of a million characters") {
  std::string line = "1";
  for (int i = 1; i <= 100'000; ++i) line += " " + std::to_string(i) + ":1.5";
  const Result<Dataset> d = Parse(line + "\n2 1:1\n");
  REQUIRE(d);
  CHECK(d->feature_count() == 100'000);
  CHECK(std::get<SparseMatrix>(d->features).values.size() == 100'001);
  CHECK(Message(line + "x\n2 1:1\n") ==
        "t:1:" + std::to_string(line.size() - 2) + ": found \"1.5x\", expected a finite number");
}

TEST_CASE("CSV options do not go with a sparse table") {
  for (const TableOptions& options : {TableOptions{.label_position = 1}, TableOptions{.label_name = "l"},
                                      TableOptions{.header = TableHeader::kYes}, TableOptions{.delimiter = ','}}) {
    const Result<Dataset> d = Parse("1 1:1\n2 1:1\n", options);
    REQUIRE_FALSE(d);
    CHECK(d.error().code == ErrorCode::kInvalidArgument);
  }
  CHECK(ParseTable("1,a\n2,b\n", "t", {.feature_count = 1}).error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("no text breaks the sparse reader") {
  const std::string valid = "\xEF\xBB\xBF+1 1:2 3:4.5e1 # c\r\n\n-1 2:.5\n";
  REQUIRE(Parse(valid));
  for (std::size_t cut = 0; cut < valid.size(); ++cut) (void)Parse(valid.substr(0, cut));
  for (std::size_t at = 0; at < valid.size(); ++at) {
    for (const char byte : {'\0', '#', ':', '\n', '\r', ' ', '\xFF', '9', '-', '+'}) {
      std::string text = valid;
      text[at] = byte;
      const Result<Dataset> d = Parse(text);
      if (d) {
        CheckInvariants(*d);
      } else {
        CHECK(d.error().message.starts_with("t:"));
      }
    }
  }
}

TEST_CASE("a sparse table is read back as it was written") {
  std::mt19937_64 random(23);
  Values expected;
  std::string text;
  constexpr std::size_t kRows = 200;
  constexpr std::size_t kColumns = 30;
  for (std::size_t i = 0; i < kRows; ++i) {
    text += i % 2 == 0 ? "1" : "2";
    for (std::size_t k = 0; k < kColumns; ++k) {
      double value = 0.0;
      if (random() % 3 == 0 || k + 1 == kColumns) value = static_cast<double>(random() >> 20) * 1e-9;
      expected.push_back(value);
      if (value != 0.0) text += " " + std::to_string(k + 1) + ":" + FormatDouble(value);
    }
    text += "\n";
  }
  const Result<Dataset> d = Parse(text);
  REQUIRE(d);
  CHECK(AllValues(std::get<SparseMatrix>(d->features)) == expected);
}

}  // namespace
}  // namespace iris
