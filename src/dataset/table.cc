// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/table.h"

#include <utility>

#include "src/base/text.h"
#include "src/dataset/csv.h"
#include "src/dataset/libsvm.h"
#include "src/dataset/table_format.h"
#include "src/dataset/table_request.h"
#include "src/dataset/text_blocks.h"

namespace iris {
namespace {

Result<void> CheckOptions(const TableOptions& options) {
  constexpr std::string_view kDelimiters = ",;|\t";
  if (options.delimiter != '\0' && !kDelimiters.contains(options.delimiter)) {
    return Fail(ErrorCode::kInvalidArgument, "found the delimiter " + Quote({&options.delimiter, 1}) +
                                                 ", expected a comma, a semicolon, a tab or '|'");
  }
  if (options.label_name.empty() && options.label_position == 0) {
    return Fail(ErrorCode::kInvalidArgument,
                "found column 0 as the label's, expected 1 for the first, 2 for the second, -1 for the last");
  }
  if (!options.label_name.empty() && options.header == TableHeader::kNo) {
    return Fail(ErrorCode::kInvalidArgument, "the label's column is called " + Quote(options.label_name) +
                                                 ", but the table is said to have no header; give its position");
  }
  return {};
}

/// What was said about the columns of a CSV must not be passed over in silence when the table is none, and the reverse.
Result<void> CheckOptionsFit(const TableOptions& options, TableFormat format) {
  if (format == TableFormat::kCsv) {
    if (options.feature_count == 0) return {};
    return Fail(ErrorCode::kInvalidArgument,
                "the number of features is given, but the table is CSV, where columns tell");
  }
  if (options.label_name.empty() && options.label_position == -1 && options.delimiter == '\0' &&
      options.header != TableHeader::kYes) {
    return {};
  }
  return Fail(
      ErrorCode::kInvalidArgument,
      "a label column, a delimiter or a header is given, but the table is LIBSVM, which has none; if it is CSV, "
      "say --format csv");
}

Result<Dataset> Read(TextBlocks blocks, const std::string& origin, const TableRequest& request) {
  const TableOptions& options = request.options;
  if (Result<void> checked = CheckOptions(options); !checked) return std::unexpected(std::move(checked.error()));
  const Result<std::size_t> mark = CheckTextStart(blocks.start(), origin);
  if (!mark) return std::unexpected(mark.error());
  if (Result<void> begun = blocks.Begin(); !begun) return std::unexpected(std::move(begun.error()));
  blocks.Drop(*mark);

  TableFormat format = options.format;
  if (format == TableFormat::kAuto && options.delimiter != '\0') format = TableFormat::kCsv;
  if (format == TableFormat::kAuto) {
    const Result<TableFormat> found = FindTableFormat(blocks.window(), origin);
    if (!found) return std::unexpected(found.error());
    format = *found;
  }
  if (Result<void> fit = CheckOptionsFit(options, format); !fit) return std::unexpected(std::move(fit.error()));

  Result<Dataset> dataset;
  if (format == TableFormat::kLibsvm) {
    dataset = ReadLibsvm(blocks, origin, request);
  } else {
    const Result<char> delimiter =
        options.delimiter != '\0' ? Result<char>(options.delimiter) : FindDelimiter(blocks.window(), origin);
    if (!delimiter) return std::unexpected(delimiter.error());
    dataset = ReadCsv(blocks, origin, *delimiter, request);
  }
  if (dataset) dataset->sha256 = blocks.Sha256Hex();
  return dataset;
}

Result<Dataset> Load(const std::string& path, const TableRequest& request) {
  Result<TextBlocks> blocks = TextBlocks::OfFile(path, request.options.progress);
  if (!blocks) return std::unexpected(std::move(blocks.error()));
  return Read(*std::move(blocks), path == "-" ? "standard input" : path, request);
}

Result<Matrix> FeaturesOf(Result<Dataset> dataset) {
  if (!dataset) return std::unexpected(std::move(dataset.error()));
  return std::move(dataset->features);
}

}  // namespace

Result<Dataset> LoadTable(const std::string& path, const TableOptions& options) { return Load(path, {options}); }

Result<Dataset> LoadTableFor(const ModelColumns& model, const std::string& path, const TableOptions& options) {
  return Load(path, {options, &model});
}

Result<Matrix> LoadSamplesFor(const ModelColumns& model, const std::string& path, const TableOptions& options) {
  return FeaturesOf(Load(path, {options, &model, true}));
}

Result<Dataset> ParseTable(std::string_view text, const std::string& origin, const TableOptions& options) {
  return Read(TextBlocks::OfText(text), origin, {options});
}

Result<Dataset> ParseTableFor(const ModelColumns& model, std::string_view text, const std::string& origin,
                              const TableOptions& options) {
  return Read(TextBlocks::OfText(text), origin, {options, &model});
}

Result<Matrix> ParseSamplesFor(const ModelColumns& model, std::string_view text, const std::string& origin,
                               const TableOptions& options) {
  return FeaturesOf(Read(TextBlocks::OfText(text), origin, {options, &model, true}));
}

}  // namespace iris
