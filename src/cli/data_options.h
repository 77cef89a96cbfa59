// SPDX-License-Identifier: Apache-2.0
//
// Which table a command works on, and how it is written: one group of options, the same in every command.

#pragma once

#include <string>

#include "src/base/error.h"
#include "src/cli/progress.h"
#include "src/dataset/dataset.h"
#include "src/dataset/table.h"
#include "src/svm/model.h"

namespace iris {

class CommandDefinition;

/// A table: the one in a file, or the embedded Iris.
struct DataOptions {
  std::string path;    ///< "-": standard input; empty: the embedded Iris.
  TableOptions table;  ///< How it is written.
};

/// Declares --format, --label, --header and --delimiter. Lifetime: as AddOption.
void AddTableOptions(CommandDefinition& app, TableOptions& target);

/// Declares --data and the above.
void AddDataOptions(CommandDefinition& app, DataOptions& target);

/// Whether these options say something about a file although there is none. `source` is the option that would name it.
/// Errors: kInvalidArgument for such an option given as a flag; in the environment it does no harm.
Result<void> CheckTableOptions(const CommandDefinition& app, const std::string& path, const std::string& source);

/// Loads the labelled table, showing how far that has come. Errors: those of LoadTable.
Result<Dataset> LoadData(const DataOptions& options, Progress& progress);

/// Loads it as `model` sees it. Errors: those of LoadTableFor.
Result<Dataset> LoadDataFor(const Model& model, const DataOptions& options, Progress& progress);

/// `table`, with its reading shown. Borrows `progress`, which must outlive the result.
TableOptions ShownReading(const TableOptions& table, const std::string& path, Progress& progress);

}  // namespace iris
