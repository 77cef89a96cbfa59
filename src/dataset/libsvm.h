// SPDX-License-Identifier: Apache-2.0
//
// Tables from the sparse text of LIBSVM, LIBLINEAR and SVMlight: one sample a line,
//
//   line    = [label *(gap index ":" number)] [gap] ["#" comment] line-end       a line without a label is blank
//   label   = number            1, +1 and 1.0 are one class, named by the shortest text of the number, "1"
//   index   = 1*DIGIT           from 1 on, ascending within a line; features that are not named are 0
//   gap     = 1*(space / tab)   line-end = LF / CR LF / end of text
//
// Refused with a message of its own: index 0 (tables that count from 0 exist; guessing which this is would shift every
// feature), SVMlight's qid (it ranks, and this is classification), several labels. Zeros are not stored.
// Pure functions.

#pragma once

#include <string>

#include "src/base/error.h"
#include "src/dataset/dataset.h"
#include "src/dataset/table_request.h"
#include "src/dataset/text_blocks.h"

namespace iris {

/// Reads the rest of `blocks`, which messages call `origin`, in time and memory proportional to it (and to the largest
/// index, which TableOptions bounds). Result: a SparseMatrix of at least one row, features called feature_1, feature_2
/// and so on, or the model's; labels empty for samples only; sha256 empty.
/// Errors: kIo; kBadData as "origin:line:column: found …, expected …" for whatever the grammar above does not have,
/// numbers that are not finite, indices above the bound, fewer than two classes (without a model), or no rows.
Result<Dataset> ReadLibsvm(TextBlocks& blocks, const std::string& origin, const TableRequest& request);

}  // namespace iris
