// SPDX-License-Identifier: Apache-2.0
//
// Tables from files and standard input: CSV, and the sparse text of LIBSVM and SVMlight. Read in pieces of a quarter of
// a MiB: beside the table itself there is never more in memory than one piece (or the longest line, which is shorter
// than 64 MiB) and 4 MiB. No state; safe from any thread. What each format is taken to be stands in csv.h and libsvm.h.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/error.h"
#include "src/dataset/dataset.h"

namespace iris {

/// How a table is written.
enum class TableFormat {
  /// Decided by the first line that is not blank and does not start with '#': a number followed by index:value pairs is
  /// LIBSVM; a line with a comma, semicolon or tab is CSV. One that is both (a number, a tab, a single pair), or a
  /// table without any line that is one of them, is refused.
  kAuto,
  kCsv,
  kLibsvm,
};

/// Whether the first line of a CSV holds names.
enum class TableHeader {
  /// It does when none of its feature fields is a number, or stands for one that is missing or misspelled. Refused where
  /// all are numbers, but may be names: header_doubt.h says when, and where they are the names of a model's features.
  kAuto,
  kYes,
  kNo,
};

/// How the classes of a table are numbered.
enum class ClassOrder {
  kFirstAppearance,
  kSorted,  ///< As numbers when all of them are numbers, else byte by byte; scikit-learn's order.
};

/// How far reading has come, called once a piece. `total` is 0 where it is not known (a pipe).
using TableProgress = std::function<void(std::uint64_t bytes_done, std::uint64_t bytes_total)>;

/// What to know about a table beside its text. The defaults read most tables.
struct TableOptions {
  TableFormat format = TableFormat::kAuto;
  ClassOrder class_order = ClassOrder::kFirstAppearance;

  // CSV
  TableHeader header = TableHeader::kAuto;
  char delimiter = '\0';     ///< ',' ';' '|' or tab. NUL: the one of comma, semicolon and tab in the first line.
  std::string label_name{};  ///< The label's column by its name in the header; empty: by position.
  int label_position = -1;   ///< The label's column: 1 is the first, -1 the last. Not 0.

  // LIBSVM
  std::size_t feature_count = 0;       ///< 0: the largest index. Otherwise a larger index is refused.
  std::size_t max_features = 1 << 24;  ///< A larger index is refused: 12 bytes must not make 4 billion features.

  TableProgress progress{};
};

/// What a model asks of a table that it is to classify.
///
/// A CSV with a header must have these features: all of the same names, in any order (they are put into the model's
/// order); anything else is refused. Only where the model's names are the made-up feature_1, feature_2, … does a header
/// not matter. A CSV without a header is taken in the model's order. LIBSVM indices count the model's features; a value
/// beyond them is passed over, because a feature that was 0 in all of the training data has weight 0.
struct ModelColumns {
  std::vector<std::string> feature_names;
  std::vector<std::string> class_names;
};

/// Reads the labelled table `path`, "-" for standard input. Result: at least one sample and two classes.
/// Errors: kIo when it cannot be read; kInvalidArgument for options that make no sense; kBadData as
/// "path:line:column: found …, expected …" (columns count bytes) for all that csv.h and libsvm.h refuse.
Result<Dataset> LoadTable(const std::string& path, const TableOptions& options = {});

/// Reads a labelled table as `model` sees it: its features, its classes, in its order. Labels of LIBSVM are compared
/// with class names as numbers. Result: at least one sample, of any number of classes. Errors: as above, and kBadData
/// for a label that is not one of the model's.
Result<Dataset> LoadTableFor(const ModelColumns& model, const std::string& path, const TableOptions& options = {});

/// Reads samples for `model`. A CSV may hold the label's column or not (it is not looked at); LIBSVM has one always.
/// Result: at least one row. Errors: as above.
Result<Matrix> LoadSamplesFor(const ModelColumns& model, const std::string& path, const TableOptions& options = {});

/// The same three from `text`, which messages call `origin`.
Result<Dataset> ParseTable(std::string_view text, const std::string& origin, const TableOptions& options = {});
Result<Dataset> ParseTableFor(const ModelColumns& model, std::string_view text, const std::string& origin,
                              const TableOptions& options = {});
Result<Matrix> ParseSamplesFor(const ModelColumns& model, std::string_view text, const std::string& origin,
                               const TableOptions& options = {});

}  // namespace iris
