// SPDX-License-Identifier: Apache-2.0
//
// What the tests of table readers share.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/dataset/table.h"

namespace iris {

using Names = std::vector<std::string>;
using Values = std::vector<double>;
using Labels = std::vector<std::int32_t>;

/// The error message of bad data in `result`.
template <typename T>
std::string BadData(const Result<T>& result) {
  if (result) return "no error";
  CHECK(result.error().code == ErrorCode::kBadData);
  return result.error().message;
}

inline Values DenseValues(const Matrix& matrix) { return std::get<DenseMatrix>(matrix).values; }

/// All values, zeros too. Shape: rows × columns, row-major.
inline Values AllValues(const SparseMatrix& matrix) {
  Values values(matrix.rows() * matrix.columns);
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    const SparseRow row = matrix.row(i);
    for (std::size_t k = 0; k < row.values.size(); ++k) values[i * matrix.columns + row.columns[k]] = row.values[k];
  }
  return values;
}

/// A dataset's invariants; see dataset.h and matrix.h.
inline void CheckInvariants(const Dataset& d) {
  CHECK(Columns(d.features) == d.feature_names.size());
  CHECK(Rows(d.features) == d.labels.size());
  for (const std::int32_t label : d.labels) CHECK((label >= 0 && std::cmp_less(label, d.class_names.size())));
}

}  // namespace iris
