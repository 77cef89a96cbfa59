// SPDX-License-Identifier: Apache-2.0

#include "src/cli/data_options.h"

#include <functional>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "tests/cli/parse.h"

namespace iris {
namespace {

DataOptions Parsed(const std::vector<std::string>& words) {
  CommandDefinition app;
  DataOptions options;
  AddDataOptions(app, options);
  const std::optional<Failure> failure = Parse(app, words);
  INFO((failure ? failure->message : ""));
  REQUIRE_FALSE(failure);
  return options;
}

std::string Refusal(const std::vector<std::string>& words) {
  CommandDefinition app;
  DataOptions options;
  AddDataOptions(app, options);
  const std::optional<Failure> failure = Parse(app, words);
  return failure ? failure->message : "";
}

TEST_CASE("without options the table is the embedded Iris and its writing is found out", "[data_options]") {
  const DataOptions options = Parsed({});
  CHECK(options.path.empty());
  CHECK(options.table.format == TableFormat::kAuto);
  CHECK(options.table.header == TableHeader::kAuto);
  CHECK(options.table.delimiter == '\0');
  CHECK(options.table.label_name.empty());
  CHECK(options.table.label_position == -1);
}

TEST_CASE("the label is a column by name or by number", "[data_options]") {
  CHECK(Parsed({"--label", "species"}).table.label_name == "species");
  CHECK(Parsed({"--label", "3"}).table.label_position == 3);
  CHECK(Parsed({"--label", "3"}).table.label_name.empty());
  CHECK(Parsed({"--label=-2"}).table.label_position == -2);
  CHECK(Parsed({"--label", "2nd"}).table.label_name == "2nd");
  CHECK(Parsed({"--label", "99999999999"}).table.label_name == "99999999999");  // no column has that number
  CHECK(Parsed({"--label", "name", "--label", "2"}).table.label_name.empty());  // the last one counts
  CHECK(Refusal({"--label", "0"}) == "--label: found '0', expected a column: 1 is the first, -1 the last");
  CHECK(Refusal({"--label", ""}) == "--label: found '', expected the name or the number of a column");
}

TEST_CASE("format, header and delimiter take their words only", "[data_options]") {
  CHECK(Parsed({"--format", "libsvm"}).table.format == TableFormat::kLibsvm);
  CHECK(Parsed({"--format", "csv"}).table.format == TableFormat::kCsv);
  CHECK(Parsed({"--header", "no"}).table.header == TableHeader::kNo);
  CHECK(Parsed({"--header", "yes"}).table.header == TableHeader::kYes);
  for (const char* tab : {"tab", "\\t", "\t"}) CHECK(Parsed({"--delimiter", tab}).table.delimiter == '\t');
  for (const char* each : {",", ";", "|"}) CHECK(Parsed({"--delimiter", each}).table.delimiter == each[0]);
  CHECK(Refusal({"--format", "xls"}) == "--format: found 'xls', expected auto or csv or libsvm");
  CHECK(Refusal({"--header", "maybe"}) == "--header: found 'maybe', expected auto or yes or no");
  CHECK(Refusal({"--delimiter", "::"}) == "--delimiter: found '::', expected ',' or ';' or '|' or tab");
}

TEST_CASE("saying how a file is written without a file is a mistake", "[data_options]") {
  CommandDefinition app;
  DataOptions options;
  AddDataOptions(app, options);
  REQUIRE_FALSE(Parse(app, {"--header", "no"}));
  const Result<void> refused = CheckTableOptions(app, options.path, "--data");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kInvalidArgument);
  CHECK(refused.error().message == "--header says how a file is written, but there is none; name it with --data");
  CHECK(CheckTableOptions(app, "flowers.csv", "--data"));

  CommandDefinition other;
  const ScopedVariable variable("IRIS_HEADER", "no");
  AddDataOptions(other, options);
  REQUIRE_FALSE(Parse(other, {}));
  CHECK(CheckTableOptions(other, "", "--data"));  // the environment speaks to all commands
}

}  // namespace
}  // namespace iris
