// SPDX-License-Identifier: Apache-2.0
//
// How passes over the samples are cut up for threads without the result depending on them: into blocks of consecutive
// samples that follow from the table's shape alone. Each block makes its own partial sums, and these are added in the
// order of the blocks.

#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "src/dataset/matrix.h"
#include "src/svm/thread_team.h"

namespace iris {

/// A range of samples, [begin, end).
struct SampleBlock {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The blocks of a table.
class SampleBlocks {
 public:
  explicit SampleBlocks(const Matrix& features)
      : samples_(Rows(features)), count_(Count(Stored(features), samples_, Columns(features) + 1)) {}

  std::size_t count() const { return count_; }
  SampleBlock block(std::size_t b) const { return {samples_ * b / count_, samples_ * (b + 1) / count_}; }

  /// Calls body(block index, SampleBlock) for each block, on the team's threads.
  template <typename Body>
  void ForEach(ThreadTeam& team, Body&& body) const {
    team.ForEach(count_, [&](std::size_t b) { body(b, block(b)); });
  }

  /// Calls body(SampleBlock, double* partial) for each block with zeroed partial sums of its own, `length` of them, and
  /// adds these to `total` block after block. Shape of total: length. `partials` is room that the caller may keep.
  template <typename Body>
  void Sum(ThreadTeam& team, std::size_t length, double* total, std::vector<double>& partials, Body&& body) const {
    partials.resize(count_ * length);
    double* const all = partials.data();
    ForEach(team, [&](std::size_t b, SampleBlock samples) {
      std::fill_n(all + b * length, length, 0.0);
      body(samples, all + b * length);
    });
    constexpr std::size_t kSlice = 8192;
    team.ForEach((length + kSlice - 1) / kSlice, [&](std::size_t slice) {
      const std::size_t end = std::min(length, (slice + 1) * kSlice);
      for (std::size_t b = 0; b < count_; ++b) {
        const double* const partial = all + b * length;
        for (std::size_t k = slice * kSlice; k < end; ++k) total[k] += partial[k];
      }
    });
  }

 private:
  static std::size_t Stored(const Matrix& features) {
    return std::visit([](const auto& m) { return m.values.size(); }, features);
  }

  /// Enough for many threads; but a block is worth waking a thread for, and worth a vector of partial sums.
  static std::size_t Count(std::size_t stored, std::size_t samples, std::size_t order) {
    const std::size_t most = std::min({std::size_t{64}, stored / 32768, stored / (16 * order), samples});
    return std::max(most, std::size_t{1});
  }

  std::size_t samples_;
  std::size_t count_;
};

}  // namespace iris
