// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "src/dataset/table.h"

namespace iris {

/// What a reader is to make of a table.
struct TableRequest {
  const TableOptions& options;  ///< Must outlive the request.
  /// Whose features and classes the table must have; nullptr: it brings its own. Must outlive the request.
  const ModelColumns* model = nullptr;
  bool samples_only = false;  ///< Labels are not looked at, and a CSV need not have them. Requires: a model.
};

}  // namespace iris
