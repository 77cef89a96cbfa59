// SPDX-License-Identifier: Apache-2.0
//
// Several samples at a time, for batches: the same sums in the same order as one by one, hence the same bits.
// Pure functions of an immutable Model; safe from any thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/svm/model.h"

namespace iris {

/// Samples that are worked on together. What is left of a batch is the caller's.
inline constexpr std::size_t kTileSamples = 8;

/// Whether this processor has registers of four doubles (AVX2); otherwise they hold two.
bool HasWideRegisters();

/// Classes of the first samples, as many as make whole tiles. Shape of samples: n × features, row-major; of labels: n.
/// Requires: the shapes fit; `wide` only where HasWideRegisters(). Returns how many were done.
std::size_t PredictTiles(const Model& model, std::span<const double> samples, std::span<std::int32_t> labels, bool wide);

/// Decision values of the first samples, likewise. Shape of out: n × rows of the model.
std::size_t DecideTiles(const Model& model, std::span<const double> samples, std::span<double> out, bool wide);

}  // namespace iris
