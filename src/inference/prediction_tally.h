// SPDX-License-Identifier: Apache-2.0
//
// Who counts what is predicted. The methods that predict tell it and know no more of it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace iris {

/// Belongs to one served model. Safe from any thread.
class PredictionTally {
 public:
  virtual ~PredictionTally() = default;

  /// `rows` more rows of an answer have the class of index `label`. Requires: `label` is one of the model's.
  virtual void Add(std::int32_t label, std::uint64_t rows) = 0;
};

/// All rows of one answer, by label.
inline void AddAll(PredictionTally& tally, std::span<const std::uint64_t> rows_by_class) {
  for (std::size_t label = 0; label < rows_by_class.size(); ++label) {
    if (rows_by_class[label] > 0) tally.Add(static_cast<std::int32_t>(label), rows_by_class[label]);
  }
}

}  // namespace iris
