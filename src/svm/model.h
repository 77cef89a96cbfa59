// SPDX-License-Identifier: Apache-2.0
//
// A linear classifier and how it came to be. An immutable value once made: share it const between threads.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace iris {

/// The loss of one sample with margin m = s (w·x + b), s = ±1.
enum class Loss {
  kSquaredHinge,  ///< max(0, 1 − m)²
};

/// What the trainer was asked for.
struct TrainOptions {
  double cost = 1.0;  ///< C > 0: weight of the losses against the penalty.
  Loss loss = Loss::kSquaredHinge;

  friend bool operator==(const TrainOptions&, const TrainOptions&) = default;
};

/// Proof of how good one row (one class against the rest) is; see certificate.h for the formulas.
struct Certificate {
  double objective = 0;         ///< Primal objective P(w, b).
  double dual_objective = 0;    ///< D(α) of a feasible α; the optimum lies between D and P.
  double duality_gap = 0;       ///< P − D, ≥ 0 up to rounding.
  double gradient_norm = 0;     ///< Euclidean norm of ∇P(w, b).
  std::int64_t support_vectors = 0;  ///< Samples with margin below 1.
  std::int64_t steps = 0;       ///< Steps that the solver took.

  friend bool operator==(const Certificate&, const Certificate&) = default;
};

/// A trained (or loaded) linear model. Invariant: weights.size() == rows() * feature_count(); bias.size() == rows();
/// rows() is 1 for two classes (decision > 0 means class 1), else the number of classes; everything finite.
struct Model {
  std::vector<std::string> class_names;    ///< Shape: classes ≥ 2.
  std::vector<std::string> feature_names;  ///< Shape: features ≥ 1.
  std::vector<double> weights;             ///< Shape: rows × features, row-major.
  std::vector<double> bias;                ///< Shape: rows.
  TrainOptions options;
  std::vector<Certificate> certificates;   ///< Shape: rows, or empty where the model came without.

  std::size_t rows() const { return bias.size(); }
  std::size_t feature_count() const { return feature_names.size(); }

  /// Weights of row `r`. Shape: features. Borrowed from this Model.
  std::span<const double> row(std::size_t r) const {
    return {weights.data() + r * feature_count(), feature_count()};
  }

  friend bool operator==(const Model&, const Model&) = default;
};

}  // namespace iris
