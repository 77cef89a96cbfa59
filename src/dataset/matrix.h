// SPDX-License-Identifier: Apache-2.0
//
// Tables of numbers, dense or sparse. Plain values: copy them, move them, share them const between threads.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

namespace iris {

/// Every value, row after row. Invariant: values.size() is a multiple of columns.
struct DenseMatrix {
  std::size_t columns = 0;
  std::vector<double> values;  ///< Shape: rows × columns, row-major.

  std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
  /// Row `i`. Shape: columns. Borrowed. Requires: i < rows().
  std::span<const double> row(std::size_t i) const { return {values.data() + i * columns, columns}; }
};

/// A row of a SparseMatrix: the columns that it names, ascending, and their values; all others are 0. Borrowed.
struct SparseRow {
  std::span<const std::uint32_t> columns;
  std::span<const double> values;
};

/// Compressed sparse rows. Invariant: starts has rows() + 1 ascending entries, the last of them values.size(); within a
/// row the columns ascend strictly and are below `columns`.
struct SparseMatrix {
  std::size_t columns = 0;
  std::vector<std::size_t> starts{0};
  std::vector<std::uint32_t> indices;  ///< Shape: stored values.
  std::vector<double> values;          ///< Shape: stored values.

  std::size_t rows() const { return starts.size() - 1; }
  /// Row `i`. Requires: i < rows().
  SparseRow row(std::size_t i) const {
    const std::size_t begin = starts[i];
    const std::size_t count = starts[i + 1] - begin;
    return {{indices.data() + begin, count}, {values.data() + begin, count}};
  }
};

using Matrix = std::variant<DenseMatrix, SparseMatrix>;

inline std::size_t Rows(const Matrix& matrix) {
  return std::visit([](const auto& m) { return m.rows(); }, matrix);
}
inline std::size_t Columns(const Matrix& matrix) {
  return std::visit([](const auto& m) { return m.columns; }, matrix);
}

}  // namespace iris
