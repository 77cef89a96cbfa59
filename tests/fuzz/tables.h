// SPDX-License-Identifier: Apache-2.0
//
// What holds of every table that was read, and how one is written so that it reads back the same.

#pragma once

#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <variant>

#include "src/base/number.h"
#include "src/base/text.h"
#include "src/dataset/dataset.h"
#include "tests/fuzz/fuzz.h"

namespace iris::fuzz {

inline void RequireWhole(const Dataset& table) {
  Require(table.samples() > 0, "a table has a row");
  Require(Rows(table.features) == table.samples(), "a label a row");
  Require(Columns(table.features) == table.feature_count(), "a name a column");
  Require(std::set(table.feature_names.begin(), table.feature_names.end()).size() == table.feature_count(),
          "feature names differ");
  Require(std::set(table.class_names.begin(), table.class_names.end()).size() == table.class_names.size(),
          "class names differ");
  Require(table.class_names.size() >= 2, "two classes");
  for (const std::string& name : table.class_names) Require(!name.empty() && IsUtf8(name), "a class name");
  for (const std::string& name : table.feature_names) Require(!name.empty() && IsUtf8(name), "a feature name");
  for (const std::int32_t label : table.labels) {
    Require(label >= 0 && static_cast<std::size_t>(label) < table.class_names.size(), "a label is a class");
  }
  const auto finite = [](const auto& matrix) {
    for (const double value : matrix.values) Require(std::isfinite(value), "values are finite");
  };
  std::visit(finite, table.features);
  if (const auto* sparse = std::get_if<SparseMatrix>(&table.features)) {
    Require(sparse->starts.back() == sparse->values.size() && sparse->indices.size() == sparse->values.size(),
            "sparse rows end where the values end");
    for (std::size_t i = 0; i < sparse->rows(); ++i) {
      const SparseRow row = sparse->row(i);
      for (std::size_t j = 0; j < row.columns.size(); ++j) {
        Require(row.columns[j] < sparse->columns && (j == 0 || row.columns[j - 1] < row.columns[j]), "columns ascend");
      }
    }
  }
}

/// Values, to the bit and with the sign of a zero, names and labels. Not the hash, which is of another text.
inline bool Same(const Dataset& a, const Dataset& b) {
  if (a.feature_names != b.feature_names || a.class_names != b.class_names || a.labels != b.labels) return false;
  const auto* x = std::get_if<DenseMatrix>(&a.features);
  const auto* y = std::get_if<DenseMatrix>(&b.features);
  if ((x == nullptr) != (y == nullptr)) return false;
  if (x != nullptr) return x->columns == y->columns && x->values == y->values;
  const auto& u = std::get<SparseMatrix>(a.features);
  const auto& v = std::get<SparseMatrix>(b.features);
  return u.columns == v.columns && u.starts == v.starts && u.indices == v.indices && u.values == v.values;
}

}  // namespace iris::fuzz
