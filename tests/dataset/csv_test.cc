// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/csv.h"

#include <algorithm>
#include <bit>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/base/number.h"
#include "tests/dataset/tables.h"

namespace iris {
namespace {

/// The error message of a labelled table.
std::string Message(const std::string& text, const TableOptions& options = {}) {
  return BadData(ParseLabelledCsv(text, "t.csv", options));
}

TEST_CASE("a table with a header") {
  const Result<Dataset> d =
      ParseLabelledCsv("length,width,species\n5.1,3.5,setosa\n7,3.2,versicolor\n4.9,3,setosa\n", "t");
  REQUIRE(d);
  CHECK(d->feature_names == Names{"length", "width"});
  CHECK(d->class_names == Names{"setosa", "versicolor"});
  CHECK(DenseValues(d->features) == Values{5.1, 3.5, 7, 3.2, 4.9, 3});
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
    CHECK(DenseValues(d->features) == Values{1, 2});
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
  CHECK(Message("1,2,a\n\n1,2\n") == "t.csv:3:1: found 2 columns, expected 3 columns as in the first line");
  CHECK(Message("1,2,a\n1,2,b,\n") == "t.csv:2:1: found 4 columns, expected 3 columns as in the first line");
  CHECK(Message("1 2 a\n") ==
        "t.csv:1:1: found 1 column, expected features and a label, separated by commas, semicolons or tabs");
  CHECK(Message("1,2,a\n1,2,\n") ==
        "t.csv:2:5: found an empty field, expected a class label (the last column is empty here, and taken for the "
        "label: does the line end in a delimiter?)");
  CHECK(Message("x,y,l,\n1,2,p,\n2,3,q,\n").starts_with("t.csv:2:5: found \"p\", expected a finite number (the last"));
  CHECK(Message("1,2,p,\n2,3,q,\n").starts_with("t.csv:1:5: found \"p\", expected a finite number (the last column"));
  CHECK(Message("1,a\n2,a\n") ==
        "t.csv:1:1: found one class only (\"a\"), expected at least two different labels in the last column");
  CHECK(Message("1,a\n2,\"b\nc") == "t.csv:2:3: found a quote that is never closed, expected a closing quote");
  CHECK(Message("1,a\n\"2\"3,b\n") ==
        "t.csv:2:4: found \"3\" after a closing quote, expected a delimiter or the end of the line");
  CHECK(ParseSamplesCsv("1,\"a\n\"\nx,b\n", "t.csv", 1).error().message ==
        "t.csv:3:1: found \"x\", expected a finite number");  // lines inside quotes count
  CHECK(Message("1,a\n2,caf\xE9\n") ==
        "t.csv:2:3: found \"caf\\xe9\", expected a class label in UTF-8 (convert the file, or save it as UTF-8)");
  CHECK(Message("1,a\r2,b\r") == "t.csv:1:4: found a carriage return alone, expected line ends LF or CR LF");
  CHECK(Message("1,2,a\n1\r,2,b\n") == "t.csv:2:2: found a carriage return alone, expected line ends LF or CR LF");
}

TEST_CASE("what is not a finite number is told apart") {
  const auto message = [](const std::string& field) { return Message("1,2,a\n1," + field + ",b\n"); };
  const std::string missing = ", expected a finite number (missing values are not filled in)";
  CHECK(message("") == "t.csv:2:3: found an empty field" + missing);
  CHECK(message("NA") == "t.csv:2:3: found \"NA\"" + missing);
  CHECK(message(" ? ") == "t.csv:2:4: found \"?\"" + missing);
  CHECK(message("n/a") == "t.csv:2:3: found \"n/a\"" + missing);
  CHECK(message("\xE2\x88\x92" "1.5") ==
        "t.csv:2:3: found \"\xE2\x88\x92" "1.5\" with the minus sign U+2212, expected a finite number, such as -0.5");
  CHECK(message("1\xC2\xA0" "000").contains("with the no-break space U+00A0, expected a finite number"));
  CHECK(message("nan") == "t.csv:2:3: found \"nan\" (not a number), expected a finite number");
  CHECK(message("NaN") == "t.csv:2:3: found \"NaN\" (not a number), expected a finite number");
  CHECK(message("-inf") == "t.csv:2:3: found \"-inf\" (infinite), expected a finite number");
  CHECK(message("+Infinity") == "t.csv:2:3: found \"+Infinity\" (infinite), expected a finite number");
  const std::string range = " (out of range), expected a finite number of magnitude 1.7976931348623157e308 at most";
  CHECK(message("1e999") == "t.csv:2:3: found \"1e999\"" + range);
  CHECK(message("-1.8e308") == "t.csv:2:3: found \"-1.8e308\"" + range);
  CHECK(message("\"1,5\"") == "t.csv:2:3: found \"1,5\", expected a finite number with a decimal point");
  CHECK(message("0x10") == "t.csv:2:3: found \"0x10\", expected a finite number");
  CHECK(message("1 2") == "t.csv:2:3: found \"1 2\", expected a finite number");
  CHECK(message("1e-999") == "no error");  // underflow is rounding, to zero
}

TEST_CASE("bytes that are no text") {
  const auto nul = [](std::string text) {
    std::ranges::replace(text, '@', '\0');
    return Message(text);
  };
  const std::string text = "expected text: CSV or LIBSVM";
  CHECK(nul("1,a\n2@,b\n") == "t.csv:2:2: found a NUL byte, " + text + " (is this a binary file, or UTF-16?)");
  const std::string far = std::string(5000, '\n');  // behind the part that is looked at beforehand
  const std::string late = ": found a NUL byte, expected text (is this a binary file, or UTF-16?)";
  CHECK(nul(far + "1,a\n2@,b\n") == "t.csv:5002:2" + late);
  CHECK(nul(far + "1,a\n2,b@\n") == "t.csv:5002:4" + late);
  CHECK(nul(far + "x,a@\ny@,b\n") == "t.csv:5002:2" + late);
  CHECK(Message("\xFF\xFE"
                "1") == "t.csv:1:1: found UTF-16 text, expected UTF-8 (save the table as UTF-8 text)");
  CHECK(Message("\xFE\xFF"
                "1") == "t.csv:1:1: found UTF-16 text, expected UTF-8 (save the table as UTF-8 text)");
  CHECK(Message("\x1F\x8B\x08") == "t.csv:1:1: found a gzip file, " + text);
  CHECK(Message("PK\x03\x04") == "t.csv:1:1: found a ZIP file (or an Excel workbook), " + text);
  CHECK(Message("PAR1") == "t.csv:1:1: found a Parquet file, " + text);
  CHECK(Message("\x01\x02\x03,\xF0\n") ==
        "t.csv:1:1: found \"\\x01\\x02\\x03\", expected a feature name without control characters or line ends");
}

TEST_CASE("semicolons and tabs separate as commas do") {
  for (const char* text : {"x;y;l\n1;2;a\n3;4;b\n", "x\ty\tl\n1\t2\ta\n3\t4\tb\n", "\n \t\nx;y;l\n1;2;a\n3;4;b",
                           "\"x\";\"y\";\"l, of it\"\n1;2;a\n3; 4\t;b\n"}) {
    CAPTURE(text);
    const Result<Dataset> d = ParseLabelledCsv(text, "t");
    REQUIRE(d);
    CHECK(d->feature_names == Names{"x", "y"});
    CHECK(DenseValues(d->features) == Values{1, 2, 3, 4});
    CHECK(d->class_names == Names{"a", "b"});
  }
  const std::string several = ", expected one of them between the columns (say which with --delimiter)";
  CHECK(Message("1,5;2;a\n") == "t.csv:1:1: found commas and semicolons" + several);
  CHECK(Message("\n1\t2,a\n") == "t.csv:2:1: found commas and tabs" + several);
  CHECK(Message("1,5;2;a\n2,5;1;b\n", {.delimiter = ';'}) ==
        "t.csv:1:1: found \"1,5\", expected a finite number with a decimal point");
  const Result<Dataset> bars = ParseLabelledCsv("1|2|a, b\n3|4|c;\td\n", "t", {.delimiter = '|'});
  CHECK(bars.error().message.contains("control characters"));
  CHECK(ParseLabelledCsv("1|2|a, b\n3|4|c;d\n", "t", {.delimiter = '|'})->class_names == Names{"a, b", "c;d"});
  // An empty field between two tabs is one.
  CHECK(Message("1\t2\ta\n3\t\tb\n").starts_with("t.csv:2:3: found an empty field"));
  CHECK(ParseLabelledCsv("1,a", "t", {.delimiter = 'x'}).error() ==
        Error{ErrorCode::kInvalidArgument, "found the delimiter \"x\", expected a comma, a semicolon, a tab or '|'"});
}

TEST_CASE("the label is in any column") {
  const auto check = [](const char* text, const TableOptions& options) {
    CAPTURE(text);
    const Result<Dataset> d = ParseLabelledCsv(text, "t", options);
    REQUIRE(d);
    CHECK(DenseValues(d->features) == Values{1, 2, 3, 4});
    CHECK(d->class_names == Names{"a", "b"});
    return d->feature_names;
  };
  CHECK(check("l,x,y\na,1,2\nb,3,4\n", {.label_position = 1}) == Names{"x", "y"});
  CHECK(check("a,1,2\nb,3,4\n", {.label_position = -3}) == Names{"feature_1", "feature_2"});
  CHECK(check("x,l,y\n1,a,2\n3,\"b\",4\n", {.label_position = 2}) == Names{"x", "y"});
  CHECK(check("x,l,y\n1,a,2\n3,\"b\",4\n", {.label_name = "l"}) == Names{"x", "y"});
  CHECK(check("1,l,2\n1,a,2\n3,b,4\n", {.label_name = "l"}) == Names{"1", "2"});

  CHECK(Message("x,y\n1,a\n", {.label_name = "l"}) ==
        "t.csv:1:1: found the columns \"x\", \"y\", expected one called \"l\" (the label)");
  CHECK(Message("l,x,l\n1,2,a\n", {.label_name = "l"}) ==
        "t.csv:1:5: found the column \"l\" (the label) twice, expected it once");
  CHECK(Message("1,2,a\n", {.label_position = 4}) == "t.csv:1:1: found 3 columns, expected a label in column 4");
  CHECK(Message("1,2,a\n", {.label_position = -4}) == "t.csv:1:1: found 3 columns, expected a label in column -4");
  CHECK(Message("l,x\na,1\na,2\n", {.label_name = "l"}) ==
        "t.csv:1:1: found one class only (\"a\"), expected at least two different labels in the column \"l\"");
  CHECK(ParseLabelledCsv("1,a", "t", {.label_position = 0}).error() ==
        Error{ErrorCode::kInvalidArgument,
              "found column 0 as the label's, expected 1 for the first, 2 for the second, -1 for the last"});
  CHECK(ParseLabelledCsv("1,a", "t", {.header = TableHeader::kNo, .label_name = "l"}).error() ==
        Error{ErrorCode::kInvalidArgument,
              "the label's column is called \"l\", but the table is said to have no header; give its position"});
}

TEST_CASE("a header is told, or said") {
  const TableOptions yes{.header = TableHeader::kYes};
  const TableOptions no{.header = TableHeader::kNo};
  CHECK(ParseLabelledCsv("0,1,l\n5,6,a\n7,8,b\n", "t", yes)->feature_names == Names{"0", "1"});
  CHECK(ParseLabelledCsv("5,6,a\n7,8,b\n", "t", no)->samples() == 2);
  CHECK(Message("x,y,l\n1,2,a\n", no) == "t.csv:1:1: found \"x\", expected a finite number");
  CHECK(Message("x,1,l\n1,2,a\n") ==
        "t.csv:1:1: found \"x\", expected a finite number (or is this line the header? then say so: --header yes)");
  const std::string unnamed =
      "t.csv:1:1: found no name for the first column (row numbers, as pandas writes them?), expected a feature name "
      "(leave the column away, with to_csv(index=False); or name it, if it is a feature)";
  CHECK(Message(",x,l\n1,2,a\n", yes) == unnamed);
  CHECK(Message(",x,l\n0,2,a\n1,3,b\n") == unnamed);
  CHECK(Message(",0,1\n0,2,a\n1,3,b\n").contains("--header yes"));
  CHECK(Message(",0,l\n0,2,a\n1,3,b\n", yes) == unnamed);
  CHECK(ParseSamplesCsv(",x,y,l\n0,2,3,a\n", "t.csv", 2).error().message == unnamed);
  CHECK(ParseLabelledCsv(",x,y\na,2,3\nb,2,3\n", "t", {.label_position = 1})->feature_names == Names{"x", "y"});
  CHECK(Message("sep=;\nx;l\n1;a\n") ==
        "t.csv:1:1: found \"sep=;\", which is for Excel, expected a header or a sample (take the line away; "
        "--delimiter says what it says)");
  CHECK(Message("# x,y,l\n1,2,a\n") ==
        "t.csv:1:1: found \"# x\", expected a header or numbers (a CSV has no comments: take the '#', or the line, "
        "away)");
}

TEST_CASE("a first line of numbers that may be names is not taken for a sample in silence") {
  const auto message = [](const std::string& text) { return Message(text); };
  const std::string doubt = "t.csv:1:1: found a first line that can be the header or a sample (";
  const std::string which = "), expected to be told which: --header yes or --header no";
  CHECK(message("0,1,target\n1,2,0\n2,1,1\n") == doubt + "all labels are numbers but \"target\", its own" + which);
  CHECK(message("2019,2020,target\n1,2,0\n2,1,1\n").starts_with(doubt));
  CHECK(message("0,1,2\n1,2,0\n2,1,1\n") ==
        doubt + "its numbers count on like names of columns, and the label \"2\" is nowhere else" + which);
  CHECK(message("0,1,kind\n1,2,a\n2,1,b\n").starts_with(doubt));
  CHECK(message("2019,2020,2021,kind\n1,2,3,a\n2,1,3,b\n").starts_with(doubt));
  for (const char* sample : {"0,1,target\n1,2,0\n2,1,target\n", "0,1,a\n1,2,b\n", "0,1,a\n1,2,b\n2,1,b\n",
                             "1,2,a\n3,4,b\n5,6,c\n", "0,2,a\n3,4,b\n5,6,c\n", "0,a\n1,b\n2,c\n",
                             "5,6,0\n1,2,1\n1,3,2\n"}) {
    CAPTURE(sample);
    CHECK(ParseLabelledCsv(sample, "t"));
  }
  const char* const text = "0,1,target\n1,2,0\n2,1,1\n";
  CHECK(ParseLabelledCsv(text, "t", {.header = TableHeader::kYes})->feature_names == Names{"0", "1"});
  CHECK(ParseLabelledCsv(text, "t", {.header = TableHeader::kNo})->class_names == Names{"target", "0", "1"});
}

TEST_CASE("a first line that lacks numbers is not a header") {
  const std::string hint = " (or is this line the header? then say so: --header yes)";
  CHECK(Message("NA,p\n1,q\n2,p\n") ==
        "t.csv:1:1: found \"NA\", expected a finite number (missing values are not filled in)" + hint);
  CHECK(Message("\"1,5\",\"2,5\",p\n1,2,q\n") ==
        "t.csv:1:1: found \"1,5\", expected a finite number with a decimal point");
  CHECK(Message("1e999,p\n1,q\n").contains("out of range"));
  CHECK(Message("\xE2\x88\x92" "1,p\n1,q\n").contains("U+2212"));
}

TEST_CASE("a label that is missing is no class") {
  for (const char* word : {"NA", "n/a", "nan", "NaN", "null", "None", "?"}) {
    CHECK(Message(std::string("1,a\n2,b\n3,") + word + "\n") ==
          "t.csv:3:3: found \"" + std::string(word) +
              "\", expected a class label (missing values are not filled in; a class of that name needs another one)");
  }
  CHECK(ParseLabelledCsv("1,na\n2,Na\n3,nano\n", "t")->class_names == Names{"na", "Na", "nano"});
  // A model may come from a program that has such a class.
  CHECK(ParseTableFor({{"x"}, {"None", "Some"}}, "1,None\n", "t")->labels == Labels{0});
}

TEST_CASE("a number that labels a class is spelled one way") {
  CHECK(Message("1,1\n2,2\n3,1.0\n") ==
        "t.csv:3:3: found the label \"1.0\", expected one spelling for one number: line 1 has \"1\"");
  CHECK(Message("x,l\n1,7\n2,+7\n").ends_with("line 2 has \"7\""));
  CHECK(Message("1,0\n2,-0\n").contains("one spelling"));
  CHECK(ParseLabelledCsv("1,1.0\n2,2.0\n3,1.0\n", "t")->class_names == Names{"1.0", "2.0"});
  const ModelColumns model{{"x"}, {"1", "2"}};
  CHECK(ParseTableFor(model, "1,2.0\n1,01\n1,2\n", "t")->labels == Labels{1, 0, 1});
  CHECK(ParseTableFor({{"x"}, {"1", "1.0"}}, "1,1.0\n1,1\n", "t")->labels == Labels{1, 0});
}

TEST_CASE("classes in the order of their appearance, or sorted") {
  const auto classes = [](const char* text, ClassOrder order) {
    const Result<Dataset> d = ParseLabelledCsv(text, "t", {.class_order = order});
    Names names;
    for (const std::int32_t label : d->labels) names.push_back(d->class_names[static_cast<std::size_t>(label)]);
    return std::pair(d->class_names, names);
  };
  const char* words = "1,b\n1,c\n1,a\n1,B\n1,c\n";
  CHECK(classes(words, ClassOrder::kFirstAppearance) ==
        std::pair(Names{"b", "c", "a", "B"}, Names{"b", "c", "a", "B", "c"}));
  CHECK(classes(words, ClassOrder::kSorted) == std::pair(Names{"B", "a", "b", "c"}, Names{"b", "c", "a", "B", "c"}));
  CHECK(classes("1,10\n1,9\n1,-1\n1,9\n", ClassOrder::kSorted) ==
        std::pair(Names{"-1", "9", "10"}, Names{"10", "9", "-1", "9"}));
  CHECK(classes("1,10\n1,9\n1,x\n", ClassOrder::kSorted).first == Names{"10", "9", "x"});
}

TEST_CASE("names fit on a line and are different") {
  CHECK(Message("1,\"a\nb\"\n2,c\n") ==
        "t.csv:1:3: found \"a\\x0ab\", expected a class label without control characters or line ends");
  CHECK(Message("x,\x1b[31m,l\n1,2,c\n") ==
        "t.csv:1:3: found \"\\x1b[31m\", expected a feature name without control characters or line ends");
  CHECK(Message("x,y,x,l\n1,2,3,c\n") == "t.csv:1:5: found the feature \"x\" twice, expected it once");
}

TEST_CASE("a table without rows") {
  CHECK(Message("") == "t.csv:1:1: found no rows, expected rows of numbers and a label");
  CHECK(Message("\n \n").contains("found no rows"));
  CHECK(Message("\xEF\xBB\xBF").contains("found no rows"));
  CHECK(Message("x,y,label\n") == "t.csv:2:1: found no rows, expected rows of numbers and a label");
}

TEST_CASE("a mistyped first row is not taken for a header") {
  CHECK(Message("5.l,3.5,a\n5.1,3.5,b\n").starts_with("t.csv:1:1: found \"5.l\", expected a finite number"));
  CHECK(Message("5.1,,a\n5.1,3.5,b\n").starts_with("t.csv:1:5: found an empty field, expected a finite number"));
}

TEST_CASE("more classes than anybody means") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "1," + std::to_string(i) + ".5\n";
  CHECK(ParseLabelledCsv(text, "t")->class_names.size() == 1000);
  CHECK(Message(text + "1,x\n") ==
        "t.csv:1001:3: found class number 1001, expected at most 1000 classes (is the last column the label?)");
}

TEST_CASE("a line of a million characters") {
  const std::string message = Message("1,a\n" + std::string(1'000'000, 'x') + ",b\n");
  CHECK(message.starts_with("t.csv:2:1: found \"xxx"));
  CHECK(message.size() < 200);

  // A valid one is read, and a fault at its end is found there.
  std::string row;
  for (int i = 0; i < 250'000; ++i) row += "1.5,";
  const Result<Dataset> wide = ParseLabelledCsv(row + "a\n" + row + "b\n", "t");
  REQUIRE(wide);
  CHECK(wide->feature_count() == 250'000);
  CHECK(DenseValues(wide->features) == Values(500'000, 1.5));
  std::string wrong = row + "b\n";
  wrong[wrong.size() - 4] = 'x';
  CHECK(Message(row + "a\n" + wrong) == "t.csv:2:999997: found \"1.x\", expected a finite number");
  const std::string padded = "1" + std::string(1'000'000, ' ') + ",\"" + std::string(1'000'000, 'a') + "\"\n2,b\n";
  CHECK(ParseLabelledCsv(padded, "t")->class_names.front().size() == 1'000'000);
}

TEST_CASE("a row with quotes and one without are read alike") {
  // Without quotes a row goes the quick way, with them the general one.
  std::mt19937_64 random(7);
  const std::vector<std::string> odd = {"1", "+1",  " 1",  "1 ",  "\t1\t", ".5",     "5.",  "1e3", "1e",    "e1", "",
                                        "-", "+-1", "nan", "inf", "1e999", "1e-999", "0x1", "1 1", "1.1.1", "a",  "-0"};
  int valid = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string plain = "1,2,a\n3,4,b\n";
    std::string quoted = plain;
    for (int c = 0; c < 2; ++c) {
      const std::string field =
          random() % 2 == 0 ? odd[random() % odd.size()] : FormatDouble(std::bit_cast<double>(random()));
      const std::size_t start = field.find_first_not_of(" \t");
      const std::size_t end = field.find_last_not_of(" \t") + 1;
      plain += field + ",";
      quoted += field.empty() ? "\"\"," : "\"" + field.substr(start, end - start) + "\",";
    }
    const std::string label = random() % 2 == 0 ? "a" : " b ";
    plain += label + (random() % 2 == 0 ? "\n" : "\r\n");
    quoted += label + "\n";
    const Result<Dataset> one = ParseLabelledCsv(plain, "t");
    const Result<Dataset> two = ParseLabelledCsv(quoted, "t");
    CAPTURE(plain);
    if (one.has_value() != two.has_value()) FAIL("read one way only");
    if (!one) continue;
    ++valid;
    if (DenseValues(one->features) != DenseValues(two->features) || one->labels != two->labels)
      FAIL("read differently");
  }
  CHECK(valid > 2000);
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
        "standard input:1:1: found 3 columns, expected 4 columns of features, separated by commas, semicolons or tabs "
        "(a label may be among them)");
  CHECK(message("1,2,3,4,5,6\n").starts_with("standard input:1:1: found 6 columns"));
  CHECK(message("1,2,3,4\n1,2,3,4,5\n") ==
        "standard input:2:1: found 5 columns, expected 4 columns as in the first line");
  CHECK(message("1,2,3,4\n1,2,nan,4\n") ==
        "standard input:2:5: found \"nan\" (not a number), expected a finite number");
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
      CheckInvariants(*d);
      CHECK(d->class_names.size() >= 2);
    }
  }
}

}  // namespace
}  // namespace iris
