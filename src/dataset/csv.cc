// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/csv.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "src/base/number.h"
#include "src/dataset/block_array.h"
#include "src/dataset/class_index.h"
#include "src/dataset/csv_layout.h"
#include "src/dataset/csv_tokenizer.h"
#include "src/dataset/feature_names.h"
#include "src/dataset/header_doubt.h"

namespace iris {
namespace {

/// Builds a table, record by record.
class CsvReader {
 public:
  CsvReader(TextBlocks& blocks, const std::string& origin, char delimiter, const TableRequest& request)
      : blocks_(blocks), origin_(origin), request_(request), tokenizer_(delimiter, origin) {}

  Result<Dataset> Read() {
    tokenizer_.Enter(blocks_.window(), blocks_.last());
    while (true) {
      while (layout_ && TakePlainRow()) {
      }
      const Result<CsvTokenizer::Step> step = tokenizer_.Next(record_);
      if (!step) return std::unexpected(step.error());
      if (*step == CsvTokenizer::Step::kRecord) {
        if (Result<void> taken = TakeRecord(); !taken) return std::unexpected(std::move(taken.error()));
      } else if (blocks_.last()) {
        return Finish();
      } else {
        blocks_.Drop(tokenizer_.offset());
        if (Result<void> more = blocks_.Advance(tokenizer_.position().line); !more) return std::unexpected(std::move(more.error()));
        tokenizer_.Enter(blocks_.window(), blocks_.last());
      }
    }
  }

 private:
  /// A row of the usual sort, quickly. Result: false, and nothing has happened, when it is not one.
  bool TakePlainRow() {
    const CsvTokenizer::Place start = tokenizer_.place();
    std::string_view label;
    if (!tokenizer_.TakePlainRow(layout_->shape, values_.Room(layout_->feature_names.size()), label)) return false;
    if (!request_.samples_only) {
      const std::optional<std::int32_t> known = classes_->Known(label);
      if (!known) {
        tokenizer_.Return(start);
        return false;
      }
      labels_.Append(*known);
    }
    values_.Keep(layout_->feature_names.size());
    return true;
  }

  /// Any record: the header, a row with quotes or a new class, or one with a fault.
  Result<void> TakeRecord() {
    if (!layout_) {
      Result<CsvLayout> layout = DecideCsvLayout(record_, origin_, request_);
      if (!layout) return std::unexpected(std::move(layout.error()));
      layout_ = *std::move(layout);
      if (request_.model != nullptr) {
        classes_.emplace(origin_, request_.model->class_names);
      } else {
        classes_.emplace(origin_, layout_->label_place);
      }
      if (layout_->header) return {};
      in_first_line_ = true;
      doubt_ = DoubtHeader(record_, layout_->shape.label_column, request_);
    }
    const CsvRowShape& shape = layout_->shape;
    if (record_.fields.size() != shape.slots.size()) {
      return TableError(origin_, record_.fields.front().position, Columns(record_.fields.size()),
                        Columns(shape.slots.size()) + " as in the first line");
    }
    double* const row = values_.Room(layout_->feature_names.size());
    for (std::size_t c = 0; c < shape.slots.size(); ++c) {
      if (c == shape.label_column) continue;
      const CsvField& field = record_.fields[c];
      const std::optional<double> value = ParseDouble(field.text);
      if (!value || !std::isfinite(*value)) {
        return NumberError(origin_, field.position, field.text, Hint());
      }
      row[shape.slots[c]] = *value;
    }
    if (!request_.samples_only) {
      const CsvField& label = record_.fields[shape.label_column];
      Result<std::int32_t> known = classes_->OfText(label.text, label.position);
      if (!known) {
        if (label.text.empty() || request_.model != nullptr) known.error().message += Hint();
        return std::unexpected(std::move(known.error()));
      }
      labels_.Append(*known);
    }
    in_first_line_ = false;
    values_.Keep(layout_->feature_names.size());
    return {};
  }

  /// What a fault in this record may come from.
  std::string Hint() const {
    const bool label_is_last = layout_->has_label() && layout_->shape.label_column + 1 == record_.fields.size();
    if (label_is_last && record_.fields.back().text.empty()) {
      return " (the last column is empty here, and taken for the label: does the line end in a delimiter?)";
    }
    if (in_first_line_ && request_.options.header == TableHeader::kAuto) {
      return " (or is this line the header? then say so: --header yes)";
    }
    return "";
  }

  Result<Dataset> Finish() {
    if (values_.size() == 0) return TableError(origin_, tokenizer_.position(), "no rows", ExpectedRows());
    Dataset dataset;
    const std::size_t columns = layout_->feature_names.size();
    dataset.labels = labels_.Take();
    if (request_.model == nullptr) {
      if (const std::string why = WhyHeader(doubt_, classes_->names(), dataset.labels); !why.empty()) {
        return TableError(origin_, {}, "a first line that can be the header or a sample (" + why + ")",
                          "to be told which: --header yes or --header no");
      }
      Result<std::vector<std::string>> names =
          std::move(*classes_).Finish(request_.options.class_order, dataset.labels);
      if (!names) return std::unexpected(std::move(names.error()));
      dataset.class_names = *std::move(names);
    } else {
      dataset.class_names = request_.model->class_names;
    }
    dataset.feature_names = std::move(layout_->feature_names);
    dataset.features = DenseMatrix{columns, values_.Take()};
    return dataset;
  }

  std::string ExpectedRows() const {
    if (request_.samples_only) {
      return "rows of " + std::to_string(request_.model->feature_names.size()) + " numbers";
    }
    return "rows of numbers and a label";
  }

  TextBlocks& blocks_;
  const std::string& origin_;
  const TableRequest& request_;
  CsvTokenizer tokenizer_;
  CsvRecord record_;
  std::optional<CsvLayout> layout_;    // once the first record is known
  std::optional<ClassIndex> classes_;  // likewise
  bool in_first_line_ = false;
  HeaderDoubt doubt_;
  BlockArray<double> values_;
  BlockArray<std::int32_t> labels_;
};

}  // namespace

Result<Dataset> ReadCsv(TextBlocks& blocks, const std::string& origin, char delimiter, const TableRequest& request) {
  return CsvReader(blocks, origin, delimiter, request).Read();
}

Result<char> FindDelimiter(std::string_view window, const std::string& origin) {
  constexpr std::array<char, 3> kDelimiters = {',', ';', '\t'};
  constexpr std::array<const char*, 3> kNames = {"commas", "semicolons", "tabs"};
  std::array<bool, 3> found{};
  bool quoted = false;
  bool blank = true;
  std::size_t line = 1;
  for (const char c : window) {
    if (c == '\n') {
      if (!quoted && !blank) break;
      if (!quoted) found = {};  // tabs in a line that is blank
      ++line;
      continue;
    }
    if (c == '"') quoted = !quoted;
    if (c != ' ' && c != '\t' && c != '\r') blank = false;
    if (quoted) continue;
    for (std::size_t i = 0; i < kDelimiters.size(); ++i) found[i] = found[i] || c == kDelimiters[i];
  }
  char delimiter = '\0';
  std::string several;
  for (std::size_t i = 0; i < kDelimiters.size(); ++i) {
    if (!found[i]) continue;
    several += (several.empty() ? "" : " and ") + std::string(kNames[i]);
    if (delimiter != '\0') {
      return TableError(origin, {line, 1}, several, "one of them between the columns (say which with --delimiter)");
    }
    delimiter = kDelimiters[i];
  }
  return delimiter == '\0' ? ',' : delimiter;
}

Result<Dataset> ParseLabelledCsv(std::string_view text, const std::string& origin, TableOptions options) {
  options.format = TableFormat::kCsv;
  return ParseTable(text, origin, options);
}

Result<std::vector<double>> ParseSamplesCsv(std::string_view text, const std::string& origin, std::size_t feature_count,
                                            TableOptions options) {
  options.format = TableFormat::kCsv;
  // Made-up names go with any header.
  Result<Matrix> samples = ParseSamplesFor({MadeUpFeatureNames(feature_count), {}}, text, origin, options);
  if (!samples) return std::unexpected(std::move(samples.error()));
  return std::get<DenseMatrix>(*std::move(samples)).values;
}

}  // namespace iris
