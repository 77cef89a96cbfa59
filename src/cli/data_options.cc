// SPDX-License-Identifier: Apache-2.0

#include "src/cli/data_options.h"

#include <charconv>
#include <optional>
#include <utility>

#include "src/cli/console.h"
#include "src/cli/options.h"
#include "src/dataset/iris.h"

namespace iris {
namespace {

constexpr const char* kTableOptionNames[] = {"--format", "--label", "--header", "--delimiter"};
constexpr const char* kIrisOrigin = "the embedded Iris";

std::unexpected<Error> Refuse(const std::string& found, const std::string& expected) {
  return Fail(ErrorCode::kInvalidArgument, "found '" + found + "', expected " + expected);
}

/// One of a few words, each with its meaning.
template <typename T>
Option* AddMeaning(CommandDefinition& app, const std::string& name, std::vector<std::pair<std::string, T>> meanings,
                        const std::string& description, T& target) {
  std::string words;
  for (const auto& [word, meaning] : meanings) words += (words.empty() ? "" : "|") + word;
  const auto take = [meanings = std::move(meanings), &target](const std::string& text) -> Result<void> {
    std::string expected;
    for (const auto& [word, meaning] : meanings) {
      if (text == word) {
        target = meaning;
        return {};
      }
      expected += (expected.empty() ? "" : " or ") + word;
    }
    return Refuse(text, expected);
  };
  return AddOption(app, name, words, description, take);
}

/// A whole number, if `text` is one that fits.
std::optional<int> WholeNumber(const std::string& text) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

Result<void> TakeLabel(const std::string& text, TableOptions& target) {
  if (text.empty()) return Refuse(text, "the name or the number of a column");
  const std::optional<int> position = WholeNumber(text);
  if (position == 0) return Refuse(text, "a column: 1 is the first, -1 the last");
  target.label_name = position ? "" : text;
  target.label_position = position.value_or(-1);
  return {};
}

Result<void> TakeDelimiter(const std::string& text, TableOptions& target) {
  const bool tab = text == "tab" || text == "\\t" || text == "\t";
  if (!tab && text != "," && text != ";" && text != "|") return Refuse(text, "',' or ';' or '|' or tab");
  target.delimiter = tab ? '\t' : text[0];
  return {};
}

std::string MebiBytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

ModelColumns ColumnsOf(const Model& model) { return {model.feature_names, model.class_names}; }

}  // namespace

void AddTableOptions(CommandDefinition& app, TableOptions& target) {
  AddMeaning<TableFormat>(
      app, "--format",
      {{"auto", TableFormat::kAuto}, {"csv", TableFormat::kCsv}, {"libsvm", TableFormat::kLibsvm}},
      "how the table is written: CSV, or the sparse text of LIBSVM and SVMlight", target.format)
      ->set_default_text("auto");
  AddOption(app, "--label", "NAME|N", "the column of a CSV that holds the label: its name, or its number, where 1 is "
                                      "the first and -1 the last",
            [&target](const std::string& text) { return TakeLabel(text, target); })
      ->set_default_text("-1");
  AddMeaning<TableHeader>(
      app, "--header", {{"auto", TableHeader::kAuto}, {"yes", TableHeader::kYes}, {"no", TableHeader::kNo}},
      "whether the first line of a CSV holds names; auto: when none of its features is a number, or "
      "refused where that is not clear", target.header)
      ->set_default_text("auto");
  AddOption(app, "--delimiter", "CHARACTER", "what stands between the fields of a CSV: ',' or ';' or '|' or tab",
            [&target](const std::string& text) { return TakeDelimiter(text, target); })
      ->set_default_text("the first line's");
}

void AddDataOptions(CommandDefinition& app, DataOptions& target) {
  AddText(app, "--data", "FILE", "the labelled table; '-' for standard input", target.path)
      ->set_default_text("the embedded Iris");
  AddTableOptions(app, target.table);
}

Result<void> CheckTableOptions(const CommandDefinition& app, const std::string& path, const std::string& source) {
  if (!path.empty()) return {};
  const std::optional<std::string> given = FirstGivenFlag(app, kTableOptionNames);
  if (!given) return {};
  return Fail(ErrorCode::kInvalidArgument, *given + " says how a file is written, but there is none; name it with " +
                                               source);
}

TableOptions ShownReading(const TableOptions& table, const std::string& path, Progress& progress) {
  TableOptions shown = table;
  if (!progress.visible()) return shown;
  shown.progress = [&progress, name = InputName(path)](std::uint64_t done, std::uint64_t total) {
    progress.Show("reading " + name + ": " + MebiBytes(done) + (total == 0 ? "" : " of " + MebiBytes(total)));
  };
  return shown;
}

Result<Dataset> LoadData(const DataOptions& options, Progress& progress) {
  if (options.path.empty()) return LoadIris();
  return LoadTable(options.path, ShownReading(options.table, options.path, progress));
}

Result<Dataset> LoadDataFor(const Model& model, const DataOptions& options, Progress& progress) {
  if (options.path.empty()) return ParseTableFor(ColumnsOf(model), EmbeddedIrisCsv(), kIrisOrigin);
  return LoadTableFor(ColumnsOf(model), options.path, ShownReading(options.table, options.path, progress));
}

}  // namespace iris
