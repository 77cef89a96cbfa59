// SPDX-License-Identifier: Apache-2.0
//
// Predictions by class: iris_predictions_total{class, index}. The classes are those of the models that were served, kept
// while the process lives, so that counters only grow; a bound keeps many models from making many series.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "src/inference/prediction_tally.h"
#include "src/metrics/exposition.h"

namespace iris {

/// Threads count in one of several shards each, so that they seldom wait for one another's cache line. Safe from any
/// thread; must outlive the tallies that it makes.
class PredictionMetrics {
 public:
  /// Classes that have a series of their own; those that come later count as "other".
  static constexpr std::size_t kMostClasses = 64;

  /// For a model with these classes. A class that an earlier model had too, by name and index, goes on with its series.
  std::shared_ptr<PredictionTally> TallyFor(const std::vector<std::string>& class_names);

  void Write(Exposition& exposition) const;

 private:
  class Tally;

  struct Class {
    std::string name;
    std::string index;
  };

  static constexpr std::size_t kOther = kMostClasses;
  static constexpr std::size_t kShards = 16;

  struct alignas(64) Shard {
    std::array<std::atomic<std::uint64_t>, kMostClasses + 1> rows{};
  };

  std::size_t SeriesOf(const std::string& name, std::size_t index);
  void Add(std::size_t series, std::uint64_t rows);
  std::uint64_t Sum(std::size_t series) const;

  mutable std::mutex mutex_;  // guards the two below
  std::vector<Class> classes_;
  bool has_other_ = false;
  std::array<Shard, kShards> shards_;
};

}  // namespace iris
