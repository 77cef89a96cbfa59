// SPDX-License-Identifier: Apache-2.0
//
// A first line of numbers that may be names all the same: pandas calls columns 0, 1, 2; tables of years have 2019 and
// 2020. Taken for a sample it would be a class of its own in silence; whether it is one shows only when all labels are
// known. Pure functions.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "src/dataset/csv_tokenizer.h"
#include "src/dataset/table_request.h"

namespace iris {

/// What about a first line that was taken for a sample is like a header.
struct HeaderDoubt {
  bool label_is_text = false;  ///< Its label is no number.
  bool numbers_count = false;  ///< Its features are numbers that count on: 0, 1, or 2019, 2020, 2021.
};

/// Looks at the first line of a table, of which the features are numbers. Nothing is like a header where the options
/// say what it is, or a model does.
HeaderDoubt DoubtHeader(const CsvRecord& first, std::size_t label_column, const TableRequest& request);

/// Why the first line is like a header, for a message; empty when it is not. It is where its label is nowhere else,
/// other labels are there, and either all of those are numbers and it is not, or its features count on.
std::string WhyHeader(const HeaderDoubt& doubt, std::span<const std::string> classes,
                      std::span<const std::int32_t> labels);

}  // namespace iris
