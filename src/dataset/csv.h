// SPDX-License-Identifier: Apache-2.0
//
// Tables from CSV text: RFC 4180 with the liberties people take. Lines end LF or CR LF; blank lines, spaces around
// fields, a UTF-8 byte order mark and quotes where none are needed do not matter; commas, semicolons or tabs separate.
// There are no comments and no decimal commas, and missing values are not filled in, in labels as little as in features.
// Classes are text, but a number must be spelled one way: "1" and "1.0" are refused. Any number of columns; at most 1000
// classes. Pure functions.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/error.h"
#include "src/dataset/dataset.h"
#include "src/dataset/table_request.h"
#include "src/dataset/text_blocks.h"

namespace iris {

/// Reads the rest of `blocks` (at the start of a line, any byte order mark dropped), which messages call `origin`, in
/// time and memory proportional to it. `delimiter` as in TableOptions, not NUL.
/// Result: at least one row; labels empty for samples only; sha256 empty.
/// Errors: kIo; kBadData as "origin:line:column: found …, expected …" (columns count bytes) for anything but finite
/// numbers, names that are empty or not UTF-8, rows of unequal length, fewer than two classes (without a model), or no
/// rows.
Result<Dataset> ReadCsv(TextBlocks& blocks, const std::string& origin, char delimiter, const TableRequest& request);

/// The delimiter of the table that starts with `window`: the one of comma, semicolon and tab that is in its first line
/// that is not blank, outside quotes; a comma when there is none. Errors: kBadData when there are several.
Result<char> FindDelimiter(std::string_view window, const std::string& origin);

/// A labelled table from CSV text. The label is in the last column unless the options say otherwise.
/// Errors: as LoadTable.
Result<Dataset> ParseLabelledCsv(std::string_view text, const std::string& origin, TableOptions options = {});

/// Samples without labels: `feature_count` numbers a line, or one column more, which is then ignored (a label, the last
/// one unless the options say otherwise); a header is passed over. Result: the values. Shape: rows × feature_count,
/// row-major. Errors: as LoadTable.
Result<std::vector<double>> ParseSamplesCsv(std::string_view text, const std::string& origin, std::size_t feature_count,
                                            TableOptions options = {});

}  // namespace iris
