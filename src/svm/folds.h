// SPDX-License-Identifier: Apache-2.0
//
// Stratified k-fold: every sample is in one fold, and each fold has its share of every class. Pure functions; the same
// on every machine.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/base/error.h"
#include "src/dataset/dataset.h"

namespace iris {

/// Deals the samples into `folds` folds. The folds differ by one sample at most, in all and in each class. Which sample
/// goes where depends on the labels, `folds` and `seed` alone; how stands in folds.cc and does not change.
/// Result: the fold of each sample. Shape: samples.
/// Errors: kInvalidArgument: fewer than two folds; kBadData: a class has fewer samples than there are folds (names it).
Result<std::vector<std::uint32_t>> StratifiedFolds(const Dataset& dataset, std::size_t folds, std::uint64_t seed);

/// Which samples of a table to take, seen from one fold.
enum class FoldPart {
  kTraining,  ///< those outside it
  kTesting,   ///< those in it
};

/// A copy of those samples, in their order, with all names. Memory: as many bytes as the rows that are taken.
Dataset TakePart(const Dataset& dataset, std::span<const std::uint32_t> fold_of, std::uint32_t fold, FoldPart part);

}  // namespace iris
