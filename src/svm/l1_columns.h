// SPDX-License-Identifier: Apache-2.0
//
// The table feature by feature, for coordinate descent on the weights.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/svm/binary_problem.h"

namespace iris {

/// The columns of z = s (x, β), the constant feature last. A copy: as large as a sparse table, or as a dense one.
class L1Columns {
 public:
  struct Column {
    const std::uint32_t* samples;  ///< Null: all of them.
    const double* values;
    std::size_t count;
  };

  explicit L1Columns(const BinaryProblem& problem);

  std::size_t count() const { return starts_.size() - 1; }
  std::size_t stored() const { return values_.size(); }
  Column column(std::size_t j) const {
    const std::size_t begin = starts_.data()[j];
    return {samples_.empty() || j + 1 == count() ? nullptr : samples_.data() + begin, values_.data() + begin,
            starts_.data()[j + 1] - begin};
  }

  /// The features x of `columns`, which ascend, without the constant one: dense where that is smaller.
  Matrix Part(std::span<const std::size_t> columns) const;

 private:
  std::span<const double> signs_;
  std::vector<std::size_t> starts_;
  std::vector<std::uint32_t> samples_;  ///< Of a sparse table.
  std::vector<double> values_;
};

}  // namespace iris
