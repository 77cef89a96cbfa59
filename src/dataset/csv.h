// SPDX-License-Identifier: Apache-2.0
//
// Tables from CSV text (RFC 4180 with the liberties people take: LF or CRLF, a UTF-8 byte order mark, blank lines,
// spaces around fields, no header). Pure functions.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/error.h"
#include "src/dataset/dataset.h"

namespace iris {

/// Reads a labelled table: the last column is the label, the others are features. A first line none of whose feature
/// fields is a number or empty is the header; without one the features are called feature_1, feature_2, and so on.
/// Classes are numbered in the order in which they first appear; at most 1000.
/// `origin` names the text in messages ("flowers.csv", "standard input").
/// Errors: kBadData as "origin:line:column: found …, expected …" (columns count bytes) for anything but finite numbers,
/// names that are empty or not UTF-8, rows of unequal length, fewer than two classes, or no rows.
Result<Dataset> ParseLabelledCsv(std::string_view text, const std::string& origin);

/// Reads samples without labels: `feature_count` numbers a line, or one column more, which is then ignored (a label);
/// a header as above. Result: the values. Shape: rows × feature_count, row-major. Errors: as above.
Result<std::vector<double>> ParseSamplesCsv(std::string_view text, const std::string& origin,
                                            std::size_t feature_count);

}  // namespace iris
