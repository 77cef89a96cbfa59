// SPDX-License-Identifier: Apache-2.0
//
// Who counts what is predicted. The methods that predict tell it and know no more of it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace iris {

/// Belongs to one served model. Safe from any thread.
class PredictionTally {
 public:
  virtual ~PredictionTally() = default;

  /// `rows` more rows of an answer have the class of index `label`. Requires: `label` is one of the model's.
  virtual void Add(std::int32_t label, std::uint64_t rows) = 0;
};

/// How many rows of one answer have which class.
class RowsByClass {
 public:
  RowsByClass() = default;
  explicit RowsByClass(std::size_t classes) : counts_(classes * kLanes) {}

  /// Requires: each is the index of one of the classes.
  void Count(std::span<const std::int32_t> labels) {
    const std::size_t classes = counts_.size() / kLanes;
    std::size_t lane = 0;
    for (const std::int32_t label : labels) {
      ++counts_.data()[lane * classes + static_cast<std::size_t>(label)];
      lane = (lane + 1) % kLanes;
    }
  }

  void AddTo(PredictionTally& tally) const {
    const std::size_t classes = counts_.size() / kLanes;
    for (std::size_t label = 0; label < classes; ++label) {
      std::uint64_t rows = 0;
      for (std::size_t lane = 0; lane < kLanes; ++lane) rows += counts_[lane * classes + label];
      if (rows > 0) tally.Add(static_cast<std::int32_t>(label), rows);
    }
  }

 private:
  // Neighbours are often of one class, and to count in one place twice running means to wait for the first time's store.
  static constexpr std::size_t kLanes = 4;
  std::vector<std::uint64_t> counts_;
};

}  // namespace iris
