// SPDX-License-Identifier: Apache-2.0

#include "src/svm/prediction_tiles.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace iris {
namespace {

constexpr std::size_t kTurned = 32;  // features that are laid side by side at a time

/// Lays the same feature of all samples side by side, so that what is done to one is done to several by one instruction.
/// Inlined into a copy for each kind of processor.
class Tile {
 public:
  explicit Tile(const Model& model)
      : model_(model), turned_(std::min(kTurned, model.feature_count()) * kTileSamples), values_(model.rows() * kTileSamples) {}

  /// Decision values of the kTileSamples samples at `x`: values()[r · kTileSamples + j] is sample j's of the model's row r.
  [[gnu::always_inline]] void Decide(const double* x) {
    const std::size_t features = model_.feature_count();
    const std::size_t rows = model_.rows();
    double* const turned = turned_.data();
    for (std::size_t first = 0; first < features; first += kTurned) {
      const std::size_t count = std::min(kTurned, features - first);
      for (std::size_t k = 0; k < count; ++k) {
        for (std::size_t j = 0; j < kTileSamples; ++j) turned[k * kTileSamples + j] = x[j * features + first + k];
      }
      for (std::size_t r = 0; r < rows; ++r) {
        const double* const weights = model_.weights.data() + r * features + first;
        std::array<double, kTileSamples> sums{};
        if (first > 0) std::copy_n(values_.data() + r * kTileSamples, kTileSamples, sums.data());
        for (std::size_t k = 0; k < count; ++k) {
          for (std::size_t j = 0; j < kTileSamples; ++j) sums[j] += weights[k] * turned[k * kTileSamples + j];
        }
        std::copy_n(sums.data(), kTileSamples, values_.data() + r * kTileSamples);
      }
    }
    for (std::size_t r = 0; r < rows; ++r) {
      const double bias = model_.bias.data()[r];
      for (std::size_t j = 0; j < kTileSamples; ++j) values_.data()[r * kTileSamples + j] += bias;
    }
  }

  /// Predict of the samples that were decided. Without branches: which class is the largest cannot be foretold.
  [[gnu::always_inline]] void Predict(std::int32_t* labels) const {
    const std::size_t rows = model_.rows();
    const double* const values = values_.data();
    if (rows == 1) {
      for (std::size_t j = 0; j < kTileSamples; ++j) labels[j] = values[j] > 0.0 ? 1 : 0;
      return;
    }
    std::array<double, kTileSamples> largest;
    std::array<std::int64_t, kTileSamples> best{};  // as wide as what is compared
    largest.fill(-std::numeric_limits<double>::infinity());
    for (std::size_t r = 0; r < rows; ++r) {  // as PredictedClass
      for (std::size_t j = 0; j < kTileSamples; ++j) {
        const double value = values[r * kTileSamples + j];
        const bool larger = value > largest[j];
        largest[j] = larger ? value : largest[j];
        best[j] = larger ? static_cast<std::int64_t>(r) : best[j];
      }
    }
    for (std::size_t j = 0; j < kTileSamples; ++j) labels[j] = static_cast<std::int32_t>(best[j]);
  }

  const double* values() const { return values_.data(); }

 private:
  const Model& model_;
  std::vector<double> turned_;  // feature by feature
  std::vector<double> values_;
};

[[gnu::always_inline]] inline std::size_t Predict(const Model& model, std::span<const double> samples,
                                                  std::span<std::int32_t> labels) {
  if (labels.size() < kTileSamples) return 0;
  Tile tile(model);
  std::size_t i = 0;
  for (; i + kTileSamples <= labels.size(); i += kTileSamples) {
    tile.Decide(samples.data() + i * model.feature_count());
    tile.Predict(labels.data() + i);
  }
  return i;
}

[[gnu::always_inline]] inline std::size_t Decide(const Model& model, std::span<const double> samples,
                                                 std::span<double> out) {
  const std::size_t rows = model.rows();
  const std::size_t count = out.size() / rows;
  if (count < kTileSamples) return 0;
  Tile tile(model);
  std::size_t i = 0;
  for (; i + kTileSamples <= count; i += kTileSamples) {
    tile.Decide(samples.data() + i * model.feature_count());
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t j = 0; j < kTileSamples; ++j) {
        out.data()[(i + j) * rows + r] = tile.values()[r * kTileSamples + j];
      }
    }
  }
  return i;
}

#if defined(__x86_64__)
#define IRIS_WIDE __attribute__((target("avx2")))  // without fused multiply-add, which gives other bits
#else
#define IRIS_WIDE
#endif

IRIS_WIDE std::size_t PredictWide(const Model& model, std::span<const double> samples, std::span<std::int32_t> labels) {
  return Predict(model, samples, labels);
}

IRIS_WIDE std::size_t DecideWide(const Model& model, std::span<const double> samples, std::span<double> out) {
  return Decide(model, samples, out);
}

}  // namespace

bool HasWideRegisters() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") != 0;
#else
  return false;
#endif
}

std::size_t PredictTiles(const Model& model, std::span<const double> samples, std::span<std::int32_t> labels, bool wide) {
  return wide ? PredictWide(model, samples, labels) : Predict(model, samples, labels);
}

std::size_t DecideTiles(const Model& model, std::span<const double> samples, std::span<double> out, bool wide) {
  return wide ? DecideWide(model, samples, out) : Decide(model, samples, out);
}

}  // namespace iris
