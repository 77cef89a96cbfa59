// SPDX-License-Identifier: Apache-2.0
//
// What the columns of a CSV are, decided from its first record. A pure function.

#pragma once

#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/dataset/csv_tokenizer.h"
#include "src/dataset/table_request.h"

namespace iris {

/// The columns of a CSV.
struct CsvLayout {
  bool header = false;                     ///< The first record holds names.
  std::vector<std::string> feature_names;  ///< In the order of the model, when there is one. All different.
  CsvRowShape shape;                       ///< Where each column's number goes.
  std::string label_place;                 ///< For messages: "the last column". Empty: no label.

  bool has_label() const { return shape.label_column < shape.slots.size(); }
};

/// Decides the layout from `first`, the first record of the table `origin`.
/// Errors: kBadData for too few columns, for a header that lacks the label's name, holds unfit names or the same one
/// twice, or does not fit the model; kInvalidArgument for options that contradict each other.
Result<CsvLayout> DecideCsvLayout(const CsvRecord& first, const std::string& origin, const TableRequest& request);

}  // namespace iris
