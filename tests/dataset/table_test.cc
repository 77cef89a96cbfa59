// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/table.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/base/sha256.h"
#include "tests/dataset/tables.h"

namespace iris {
namespace {

namespace fs = std::filesystem;

/// A file that lives as long as the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    const int fd = ::mkstemp(path_.data());
    REQUIRE(fd >= 0);
    ::close(fd);
    std::ofstream(path_) << content;
  }
  ~TemporaryFile() { fs::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = (fs::temp_directory_path() / "iris-test-XXXXXX").string();
};

/// Runs `read` with `text` on standard input, a pipe written to in pieces of `piece` bytes.
template <typename Read>
auto WithStandardInput(const std::string& text, std::size_t piece, const Read& read) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::thread writer([&text, piece, fd = ends[1]] {
    for (std::size_t at = 0; at < text.size(); at += piece) {
      const std::string_view part = std::string_view(text).substr(at, piece);
      if (::write(fd, part.data(), part.size()) < 0) break;
    }
    ::close(fd);
  });
  const int saved = ::dup(STDIN_FILENO);
  ::dup2(ends[0], STDIN_FILENO);
  ::close(ends[0]);
  auto result = read();
  char rest[4096];
  while (::read(STDIN_FILENO, rest, sizeof rest) > 0) {  // so that the writer ends, whatever was read
  }
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
  writer.join();
  return result;
}

/// A table several windows long, with everything that may lie across a window's edge.
std::string LongCsv() {
  std::string text = "\xEF\xBB\xBFx,\"y, of it\",label\r\n";
  for (int i = 0; i < 40'000; ++i) {
    const std::string n = std::to_string(i);
    text += i % 3 == 0   ? n + ".25,-" + n + "e-3,a\n"
            : i % 3 == 1 ? "\"" + n + "\", 7 ,\"b\"\r\n"
                         : n + ",8,\"c \"\"c\"\"\"\n\n";
  }
  return text;
}

std::string LongLibsvm() {
  std::string text = "# made\n";
  for (int i = 0; i < 40'000; ++i) {
    text += (i % 2 == 0 ? "+1" : "-1") + std::string(" 1:") + std::to_string(i) + ".5 " + std::to_string(2 + i % 5) +
            ":1\n";
  }
  return text;
}

void CheckSame(const Dataset& a, const Dataset& b) {
  CHECK(a.feature_names == b.feature_names);
  CHECK(a.class_names == b.class_names);
  CHECK(a.labels == b.labels);
  CHECK(a.sha256 == b.sha256);
  REQUIRE(a.features.index() == b.features.index());
  if (const auto* dense = std::get_if<DenseMatrix>(&a.features)) {
    CHECK(dense->values == std::get<DenseMatrix>(b.features).values);
  } else {
    const auto& one = std::get<SparseMatrix>(a.features);
    const auto& two = std::get<SparseMatrix>(b.features);
    CHECK(one.starts == two.starts);
    CHECK(one.indices == two.indices);
    CHECK(one.values == two.values);
  }
}

TEST_CASE("text, file and pipe give the same table and its SHA-256") {
  for (const std::string& text : {LongCsv(), LongLibsvm()}) {
    const Result<Dataset> d = ParseTable(text, "t");
    REQUIRE(d);
    CheckInvariants(*d);
    CHECK(d->samples() == 40'000);
    CHECK(d->sha256 == Sha256Hex(text));
    const TemporaryFile file(text);
    const Result<Dataset> from_file = LoadTable(file.path());
    REQUIRE(from_file);
    CheckSame(*d, *from_file);
    for (const std::size_t piece : {std::size_t{1000}, std::size_t{65'521}}) {
      const Result<Dataset> from_pipe = WithStandardInput(text, piece, [] { return LoadTable("-"); });
      REQUIRE(from_pipe);
      CheckSame(*d, *from_pipe);
    }
  }
}

TEST_CASE("what was read of a long table is what was written") {
  const Result<Dataset> d = ParseTable(LongCsv(), "t");
  REQUIRE(d);
  CHECK(d->feature_names == Names{"x", "y, of it"});
  CHECK(d->class_names == Names{"a", "b", "c \"c\""});
  const auto& m = std::get<DenseMatrix>(d->features);
  for (std::size_t i = 0; i < m.rows(); ++i) {
    const auto n = static_cast<double>(i);
    const double y = i % 3 == 1 ? 7 : 8;
    if (i % 3 == 0 && (m.row(i)[0] != n + 0.25 || std::abs(m.row(i)[1] + n / 1000) > 1e-12)) FAIL(i);
    if (i % 3 != 0 && (m.row(i)[0] != n || m.row(i)[1] != y)) FAIL(i);
    if (d->labels[i] != static_cast<std::int32_t>(i % 3)) FAIL(i);
  }
}

TEST_CASE("a fault far into a file has its place") {
  const std::string csv = LongCsv();
  const auto lines = static_cast<std::size_t>(std::ranges::count(csv, '\n'));
  const TemporaryFile file(csv + "1,2,a\n3,x,a\n");
  CHECK(BadData(LoadTable(file.path())) ==
        file.path() + ":" + std::to_string(lines + 2) + ":3: found \"x\", expected a finite number");
  const TemporaryFile open(csv + "1,2,\"a\n3,4,a\n" + csv.substr(3));
  CHECK(BadData(LoadTable(open.path())) ==
        open.path() + ":" + std::to_string(lines + 3) +
            ":4: found \"y\" after a closing quote, expected a delimiter or the end of the line");
  const TemporaryFile sparse(LongLibsvm() + "1 1:x\n");
  CHECK(BadData(LoadTable(sparse.path())) == sparse.path() + ":40002:5: found \"x\", expected a finite number");
  CHECK(BadData(WithStandardInput(csv + "?", 10'000, [] { return LoadTable("-"); })) ==
        "standard input:" + std::to_string(lines + 1) + ":1: found 1 column, expected 3 columns as in the first line");
}

TEST_CASE("lines longer than a window, from a file") {
  std::string wide;
  for (int i = 0; i < 300'000; ++i) wide += std::to_string(i % 10) + ".5,";
  const std::string quoted = "\"" + std::string(700'000, 'q') + "\n" + std::string(300'000, 'q') + "\"";
  const TemporaryFile rows(wide + "a\n" + wide + "b\n" + wide + "a");
  const Result<Dataset> d = LoadTable(rows.path());
  REQUIRE(d);
  CHECK(d->samples() == 3);
  CHECK(d->feature_count() == 300'000);
  CHECK(d->sha256 == Sha256Hex(wide + "a\n" + wide + "b\n" + wide + "a"));
  const TemporaryFile label("x,y\n1," + quoted + "\n");  // a label in many lines is refused, where it starts
  CHECK(BadData(LoadTable(label.path())).starts_with(label.path() + ":2:3: found \"qqq"));
  const TemporaryFile open("x,y\n1,\"" + std::string(3'000'000, '\n'));
  CHECK(BadData(LoadTable(open.path())) ==
        open.path() + ":2:3: found a quote that is never closed, expected a closing quote");
}

TEST_CASE("what has no line end is refused without reading it whole") {
  const auto refusal = [](const std::string& text, const std::string& options) {
    const TemporaryFile file(text);
    const Result<Dataset> d =
        LoadTable(file.path(), {.format = options == "libsvm" ? TableFormat::kLibsvm : TableFormat::kCsv});
    return d ? "no error" : d.error().message.substr(file.path().size());
  };
  CHECK(BadData(LoadTable("/dev/zero")) ==
        "/dev/zero:1:1: found a NUL byte, expected text: CSV or LIBSVM (is this a binary file, or UTF-16?)");
  const std::string expected =
      "found a line, or a field in quotes, of 64 MiB or more, expected shorter ones (is a line end or a closing quote "
      "missing?)";
  const std::size_t size = std::size_t{65} << 20;
  CHECK(refusal("1,a\n2,b\n" + std::string(size, 'x'), "csv") == ":3:1: " + expected);
  CHECK(refusal("1 1:1\n2 2:1" + std::string(size, ' ') + "3:1\n", "libsvm") == ":2:1: " + expected);
  std::string quoted = "1,a\n\"";
  while (quoted.size() < size) quoted += "never closed\n";
  CHECK(refusal(quoted, "csv") == ":2:1: " + expected);
}

TEST_CASE("progress is told, piece by piece") {
  const std::string text = LongCsv();
  const TemporaryFile file(text);
  std::vector<std::uint64_t> done;
  std::uint64_t total = 0;
  TableOptions options;
  options.progress = [&](std::uint64_t bytes, std::uint64_t all) {
    done.push_back(bytes);
    total = all;
  };
  REQUIRE(LoadTable(file.path(), options));
  CHECK(total == text.size());
  CHECK(done.size() > text.size() / 300'000);
  CHECK(std::ranges::is_sorted(done));
  CHECK(done.back() == text.size());
  REQUIRE(WithStandardInput(text, 10'000, [&] { return LoadTable("-", options); }));
  CHECK(total == 0);
}

TEST_CASE("a file that cannot be read says why") {
  CHECK(LoadTable("/nowhere/t.csv").error() ==
        Error{ErrorCode::kIo, "cannot open /nowhere/t.csv: No such file or directory"});
  CHECK(BadData(LoadTable(fs::temp_directory_path().string())).ends_with("is a directory, expected a file"));
  const TemporaryFile empty("");
  CHECK(BadData(LoadTable(empty.path())) == empty.path() + ":1:1: found no rows, expected rows of numbers and a label");
  CHECK(BadData(LoadTable("/dev/null")) == "/dev/null:1:1: found no rows, expected rows of numbers and a label");
}

TEST_CASE("CSV and LIBSVM are told apart, or refused") {
  const auto sparse = [](const std::string& text) {
    const Result<Dataset> d = ParseTable(text, "t");
    REQUIRE(d);
    return std::holds_alternative<SparseMatrix>(d->features);
  };
  CHECK(sparse("1 1:2\n2 1:3\n"));
  CHECK(sparse("# c,c\n\n1 # alone so far\n2 1:3\n"));
  CHECK(sparse("1 1:2 # a, b\n2 1:3\n"));
  CHECK(sparse("1\t1:2\t2:3\n2\t1:3\n"));
  CHECK_FALSE(sparse("1,a\n2,b\n"));
  CHECK_FALSE(sparse("1\t2\ta\n2\t3\tb\n"));
  CHECK_FALSE(sparse("at 1:00,x\n1,a\n2,b\n"));
  CHECK_FALSE(sparse("1,1:2\n2,1:3\n"));

  const std::string how = "say which with --format csv or --format libsvm";
  CHECK(BadData(ParseTable("\n5.1\t3:4\n", "t")) ==
        "t:2:1: found a line that can be CSV or LIBSVM (\"5.1\\x093:4\"), expected one that is clear; " + how);
  CHECK(ParseTable("5\t3:4\n6\t3:1", "t", {.format = TableFormat::kCsv})->class_names == Names{"3:4", "3:1"});
  CHECK(ParseTable("5\t3:4\n6\t3:1", "t", {.format = TableFormat::kLibsvm})->class_names == Names{"5", "6"});
  CHECK(ParseTable("5\t3:4\n6\t3:1", "t", {.delimiter = '\t'})->class_names == Names{"3:4", "3:1"});
  CHECK(BadData(ParseTable("1 2 a\n", "t")) ==
        "t:1:1: found \"1 2 a\", expected columns separated by commas, semicolons or tabs (CSV), or a label and "
        "index:value pairs (LIBSVM); " +
            how);
  // Once it is clear what it is, that format's reader says what is wrong.
  CHECK(BadData(ParseTable("1 1:2 2:x\n", "t")) == "t:1:9: found \"x\", expected a finite number");
  CHECK(BadData(ParseTable("1 qid:7 2:1\n", "t")).starts_with("t:1:3: found \"qid:7\""));
}

TEST_CASE("a table for a model has its features and classes") {
  const ModelColumns model{{"x", "y", "z"}, {"b", "a", "c"}};
  const auto read = [&](const char* text, const TableOptions& options = {}) {
    const Result<Dataset> d = ParseTableFor(model, text, "t", options);
    REQUIRE(d);
    CheckInvariants(*d);
    CHECK(d->feature_names == model.feature_names);
    CHECK(d->class_names == model.class_names);
    CHECK(DenseValues(d->features) == Values{1, 2, 3, 4, 5, 6});
    return d->labels;
  };
  CHECK(read("x,y,z,l\n1,2,3,a\n4,5,6,b\n") == Labels{1, 0});
  CHECK(read("z,x,y,l\n3,1,2,a\n6,4,5,a\n") == Labels{1, 1});  // one class alone is no fault here
  CHECK(read("\"z\",\"l\",x,y\n\"3\",a,1,2\n6,\"b\",4,5\n", {.label_name = "l"}) == Labels{1, 0});
  CHECK(read("1,2,3,c\n4,5,6,c\n") == Labels{2, 2});
  const auto message = [&](const char* text) { return BadData(ParseTableFor(model, text, "t")); };
  const std::string expected = ", expected the model's features in any order, or no header: \"x\", \"y\", \"z\"";
  CHECK(message("x,w,z,l\n1,2,3,a\n") == "t:1:3: found the feature \"w\"" + expected);
  CHECK(message("l,x,y,z\na,1,2,3\n") ==
        "t:1:1: found the feature \"l\"" + expected +
            " (\"z\" is taken for the label; if it is \"l\", say so with --label)");
  CHECK(message("X,y,z,l\n1,2,3,a\n") == "t:1:1: found the feature \"X\"" + expected);
  CHECK(message("x,y,l\n1,2,a\n") == "t:1:1: found 3 columns, expected 4 columns: the model's 3 features and a label");
  CHECK(message("1,2,3,a\n1,2,3,d\n") ==
        "t:2:7: found the label \"d\", expected one of the model's classes: \"b\", \"a\", \"c\"");
  CHECK(message("1,2,3,\n").starts_with("t:1:7: found an empty field"));
  CHECK(message("x,y,z,l\n") == "t:2:1: found no rows, expected rows of numbers and a label");
  CHECK(message("7,8,9,kind\n1,2,3,a\n")
            .ends_with("\"b\", \"a\", \"c\" (or is this line the header? then say so: --header yes)"));

  const ModelColumns numbered{{"0", "1"}, {"a", "b"}};
  const std::string doubt =
      "t:1:1: found a first line that can be the header or a sample (its numbers are the names of the model's "
      "features), expected to be told which: --header yes or --header no";
  CHECK(BadData(ParseTableFor(numbered, "0,1,l\n3,4,a\n", "t")) == doubt);
  CHECK(BadData(ParseSamplesFor(numbered, "1,0\n3,4\n", "t")) == doubt);
  CHECK(DenseValues(*ParseSamplesFor(numbered, "1,0\n3,4\n", "t", {.header = TableHeader::kYes})) == Values{4, 3});
  CHECK(DenseValues(*ParseSamplesFor(numbered, "1,2\n0,1\n", "t")) == Values{1, 2, 0, 1});

  const ModelColumns unnamed{{"feature_1", "feature_2"}, {"1", "-1"}};
  const Result<Dataset> any = ParseTableFor(unnamed, "p,q,l\n1,2,-1\n", "t");
  REQUIRE(any);
  CHECK(DenseValues(any->features) == Values{1, 2});
  CHECK(any->labels == Labels{1});
  const Result<Dataset> turned = ParseTableFor(unnamed, "feature_2,feature_1,l\n1,2,1\n", "t");
  CHECK(DenseValues(turned->features) == Values{2, 1});
  // More classes than the list in a message holds.
  ModelColumns many{{"feature_1"}, {}};
  for (int i = 0; i < 12; ++i) many.class_names.push_back(std::string(1, static_cast<char>('a' + i)));
  CHECK(BadData(ParseTableFor(many, "1,z\n", "t")).contains("\"j\" and 2 more"));
}

TEST_CASE("a sparse table for a model") {
  const ModelColumns model{{"x", "y", "z"}, {"2", "1.0", "-1"}};
  const Result<Dataset> d = ParseTableFor(model, "1 1:5\n-1 2:3 4:8 99999999:9\n+2.0 3:1\n", "t");
  REQUIRE(d);
  CheckInvariants(*d);
  CHECK(d->labels == Labels{1, 2, 0});
  CHECK(AllValues(std::get<SparseMatrix>(d->features)) == Values{5, 0, 0, 0, 3, 0, 0, 0, 1});
  CHECK(BadData(ParseTableFor(model, "3 1:1\n", "t")) ==
        "t:1:1: found the label \"3\", expected one of the model's classes: \"2\", \"1.0\", \"-1\"");
  CHECK(BadData(ParseTableFor(model, "1 4294967296:1\n", "t")) ==
        "t:1:3: found an index above 4294967295, expected no more features than that");
  CHECK(BadData(ParseTableFor(model, "1 9:1 4:1\n", "t")) ==
        "t:1:7: found index 4 after 9, expected ascending indices");
}

TEST_CASE("samples for a model") {
  const ModelColumns model{{"x", "y"}, {"a", "b"}};
  for (const char* text : {"x,y\n1,2\n3,4\n", "y,x,l\n2,1,?\n4,3,\n", "1,2,a\n3,4,whatever\n", "\"1\";2\n3;4\n"}) {
    CAPTURE(text);
    const Result<Matrix> samples = ParseSamplesFor(model, text, "t");
    REQUIRE(samples);
    CHECK(DenseValues(*samples) == Values{1, 2, 3, 4});
  }
  const Result<Matrix> sparse = ParseSamplesFor(model, "0 1:1 2:2\n0 1:3 2:4 3:5\n", "t");
  REQUIRE(sparse);
  CHECK(AllValues(std::get<SparseMatrix>(*sparse)) == Values{1, 2, 3, 4});
  CHECK(DenseValues(*ParseSamplesFor(model, "?,1,2\n,3,4\n", "t", {.label_position = 1})) == Values{1, 2, 3, 4});
  const auto message = [&](const char* text) { return BadData(ParseSamplesFor(model, text, "t")); };
  CHECK(message("y,w\n1,2\n").starts_with("t:1:3: found the feature \"w\""));
  CHECK(message("1,2,3,4\n").starts_with("t:1:1: found 4 columns, expected 2 columns of features"));
  CHECK(message("x,y\n") == "t:2:1: found no rows, expected rows of 2 numbers");
  const TemporaryFile file("1,2\n3,4\n");
  CHECK(DenseValues(*LoadSamplesFor(model, file.path())) == Values{1, 2, 3, 4});
  const TemporaryFile labelled("1,2,b\n");
  CHECK(LoadTableFor(model, labelled.path())->labels == Labels{1});
}

}  // namespace
}  // namespace iris
