// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/csv.h"

#include <string>
#include <vector>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

using Names = std::vector<std::string>;
using Values = std::vector<double>;
using Labels = std::vector<std::int32_t>;

/// The error message of a labelled table.
std::string Message(const std::string& text) {
  const Result<Dataset> dataset = ParseLabelledCsv(text, "t.csv");
  if (dataset) return "no error";
  CHECK(dataset.error().code == ErrorCode::kBadData);
  return dataset.error().message;
}

TEST_CASE("a table with a header") {
  const Result<Dataset> d =
      ParseLabelledCsv("length,width,species\n5.1,3.5,setosa\n7,3.2,versicolor\n4.9,3,setosa\n", "t");
  REQUIRE(d);
  CHECK(d->feature_names == Names{"length", "width"});
  CHECK(d->class_names == Names{"setosa", "versicolor"});
  CHECK(d->features == Values{5.1, 3.5, 7, 3.2, 4.9, 3});
  CHECK(d->labels == Labels{0, 1, 0});
}

TEST_CASE("a table without a header, with numbers as labels") {
  const Result<Dataset> d = ParseLabelledCsv("1,2,7\n3,4,5\n", "t");
  REQUIRE(d);
  CHECK(d->feature_names == Names{"feature_1", "feature_2"});
  CHECK(d->class_names == Names{"7", "5"});
}

TEST_CASE("the liberties that people take") {
  for (const char* text : {
           "\xEF\xBB\xBFx,y\r\n1,a\r\n2,b\r\n",            // byte order mark, CRLF
           "\n\nx,y\n\n1,a\n  \t\n2,b\n\n\n",              // blank lines
           " x , y \n 1\t, a\n2 ,b",                       // padding, no newline at the end
           "\"x\",\"y\"\n\"1\",\"a\"\n \"2\" , \"b\" \n",  // quotes
           "x,y\n1,a\r\n2,b\r",                            // mixed line ends
       }) {
    CAPTURE(text);
    const Result<Dataset> d = ParseLabelledCsv(text, "t");
    REQUIRE(d);
    CHECK(d->feature_names == Names{"x"});
    CHECK(d->class_names == Names{"a", "b"});
    CHECK(d->features == Values{1, 2});
    CHECK(d->labels == Labels{0, 1});
  }
}

TEST_CASE("quotes keep commas, quotes and spaces") {
  const Result<Dataset> d =
      ParseLabelledCsv("\"a, b\",label\n1,\" say \"\"hi\"\" there \"\n2,\"\"\"\"\n3,\"\"\"\"\n", "t");
  REQUIRE(d);
  CHECK(d->feature_names == Names{"a, b"});
  CHECK(d->class_names == Names{" say \"hi\" there ", "\""});
  CHECK(d->labels == Labels{0, 1, 1});
}

TEST_CASE("an error names the place, what was found and what was expected") {
  CHECK(Message("5.1,3.5,a\n5.l,3.5,b\n") == "t.csv:2:1: found \"5.l\", expected a finite number");
  CHECK(Message("x,y,l\n1,  zwei,a\n") == "t.csv:2:5: found \"zwei\", expected a finite number");
  CHECK(Message("1,2,a\n1,,b\n") == "t.csv:2:3: found an empty field, expected a finite number");
  CHECK(Message("1,nan,a\n1,2,b\n") == "t.csv:1:3: found \"nan\", expected a finite number");
  CHECK(Message("1,2,a\n-inf,2,b\n") == "t.csv:2:1: found \"-inf\", expected a finite number");
  CHECK(Message("1,1e309,a\n") == "t.csv:1:3: found \"1e309\", expected a finite number");
  CHECK(Message("1,2,a\n\n1,2\n") == "t.csv:3:1: found 2 columns, expected 3 columns as in the first line");
  CHECK(Message("1,2,a\n1,2,b,\n") == "t.csv:2:1: found 4 columns, expected 3 columns as in the first line");
  CHECK(Message("1;2;a\n") == "t.csv:1:1: found 1 column, expected features and a label, separated by commas");
  CHECK(Message("1,2,a\n1,2,\n") == "t.csv:2:5: found an empty field, expected a class label");
  CHECK(Message("1,a\n2,a\n") ==
        "t.csv:1:1: found one class only (\"a\"), expected at least two different labels in the last column");
  CHECK(Message("1,a\n2,\"b\nc") == "t.csv:2:3: found a quote that is never closed, expected a closing quote");
  CHECK(Message("1,a\n\"2\"3,b\n") ==
        "t.csv:2:4: found \"3\" after a closing quote, expected a comma or the end of the line");
  CHECK(ParseSamplesCsv("1,\"a\n\"\nx,b\n", "t.csv", 1).error().message ==
        "t.csv:3:1: found \"x\", expected a finite number");  // lines inside quotes count
  CHECK(Message("1,a\n2,caf\xE9\n") ==
        "t.csv:2:3: found \"caf\\xe9\", expected a class label in UTF-8 (convert the file, or save it as UTF-8)");
  CHECK(Message("\xFF\xFE"
                "1") == "t.csv:1:1: found UTF-16 text, expected UTF-8 (save the table as UTF-8 text)");
  CHECK(Message("1,a\r2,b\r") == "t.csv:1:4: found a carriage return alone, expected line ends LF or CR LF");
}

TEST_CASE("names fit on a line and are different") {
  CHECK(Message("1,\"a\nb\"\n2,c\n") ==
        "t.csv:1:3: found \"a\\x0ab\", expected a class label without control characters or line ends");
  CHECK(Message("x,\x1b[31m,l\n1,2,c\n") ==
        "t.csv:1:3: found \"\\x1b[31m\", expected a feature name without control characters or line ends");
  CHECK(Message("x,y,x,l\n1,2,3,c\n") == "t.csv:1:5: found the feature \"x\" twice, expected it once");
}

TEST_CASE("a table without rows") {
  CHECK(Message("") == "t.csv:1:1: found no rows, expected rows of numbers with a label in the last column");
  CHECK(Message("\n \n").contains("found no rows"));
  CHECK(Message("\xEF\xBB\xBF").contains("found no rows"));
  CHECK(Message("x,y,label\n") == "t.csv:2:1: found no rows, expected rows of numbers with a label in the last column");
}

TEST_CASE("a mistyped first row is not taken for a header") {
  CHECK(Message("5.l,3.5,a\n5.1,3.5,b\n") == "t.csv:1:1: found \"5.l\", expected a finite number");
  CHECK(Message("5.1,,a\n5.1,3.5,b\n") == "t.csv:1:5: found an empty field, expected a finite number");
}

TEST_CASE("more classes than anybody means") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "1," + std::to_string(i) + ".5\n";
  CHECK(ParseLabelledCsv(text, "t")->class_names.size() == 1000);
  CHECK(Message(text + "1,x\n") ==
        "t.csv:1001:3: found class number 1001, expected at most 1000 classes (is the last column the label?)");
}

TEST_CASE("a million characters on a line make a short message") {
  const std::string message = Message("1,a\n" + std::string(1'000'000, 'x') + ",b\n");
  CHECK(message.starts_with("t.csv:2:1: found \"xxx"));
  CHECK(message.size() < 200);
}

TEST_CASE("samples come with or without a label, with or without a header") {
  const Values expected{5, 3.6, 1.3, 0.25, 6, 3, 4, 1};
  for (const char* text :
       {"5.0,3.6,1.3,0.25\n6,3,4,1\n", "a,b,c,d\n5.0,3.6,1.3,0.25\n6,3,4,1", "5.0,3.6,1.3,0.25,setosa\n6,3,4,1,?\n",
        "a,b,c,d,species\r\n5.0,3.6,1.3,0.25,\r\n6,3,4,1,x"}) {
    CAPTURE(text);
    CHECK(ParseSamplesCsv(text, "t", 4) == expected);
  }
}

TEST_CASE("samples of the wrong shape are refused") {
  const auto message = [](const char* text) { return ParseSamplesCsv(text, "standard input", 4).error().message; };
  CHECK(message("1,2,3\n") ==
        "standard input:1:1: found 3 columns, expected 4 columns of features, separated by commas "
        "(a label may follow)");
  CHECK(message("1,2,3,4,5,6\n").starts_with("standard input:1:1: found 6 columns"));
  CHECK(message("1,2,3,4\n1,2,3,4,5\n") ==
        "standard input:2:1: found 5 columns, expected 4 columns as in the first line");
  CHECK(message("1,2,3,4\n1,2,nan,4\n") == "standard input:2:5: found \"nan\", expected a finite number");
  CHECK(message("") == "standard input:1:1: found no rows, expected rows of 4 numbers");
  CHECK(message("a,b,c,d\n") == "standard input:2:1: found no rows, expected rows of 4 numbers");
}

TEST_CASE("no text breaks the reader") {
  const std::string valid = "\xEF\xBB\xBFx,\"y\"\"\",l\r\n1,2,a\r\n\n\"3\",4,\"b, c\"\n";
  REQUIRE(ParseLabelledCsv(valid, "t"));
  for (std::size_t cut = 0; cut < valid.size(); ++cut) (void)ParseLabelledCsv(valid.substr(0, cut), "t");
  for (std::size_t at = 0; at < valid.size(); ++at) {
    for (const char byte : {'\0', '"', ',', '\n', '\r', ' ', '\xFF', '9'}) {
      std::string text = valid;
      text[at] = byte;
      const Result<Dataset> d = ParseLabelledCsv(text, "t");
      if (!d) {
        CHECK(d.error().message.starts_with("t:"));
        continue;
      }
      CHECK(d->features.size() == d->samples() * d->feature_count());
      CHECK(d->class_names.size() >= 2);
    }
  }
}

}  // namespace
}  // namespace iris
