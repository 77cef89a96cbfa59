// SPDX-License-Identifier: Apache-2.0
//
// A linear classifier and how it came to be. An immutable value once made: share it const between threads.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace iris {

/// The loss of one sample with margin m = s (w·x + b), s = ±1.
enum class Loss {
  kSquaredHinge,  ///< max(0, 1 − m)²
  kHinge,         ///< max(0, 1 − m)
};

/// What keeps the weights small.
enum class Penalty {
  kL2,  ///< ½‖w̃‖²
  kL1,  ///< ‖w̃‖₁; with the squared hinge only
};

/// What the trainer was asked for; together with the table it decides every bit of the model. The meaning is that of
/// scikit-learn's LinearSVC.
struct TrainOptions {
  double cost = 1.0;  ///< C > 0: weight of the losses against the penalty.
  Loss loss = Loss::kSquaredHinge;
  Penalty penalty = Penalty::kL2;
  bool fit_intercept = true;
  /// The constant feature that carries the intercept, > 0: its weight is penalised like any other, so a larger value
  /// lessens that. b = intercept_scaling × that weight.
  double intercept_scaling = 1.0;
  bool balanced = false;  ///< Class weights samples / (classes × samples of the class).
  /// Weight of a class by name, > 0; classes that are not named have 1. Empty when `balanced`. One against the rest, a
  /// class's weight multiplies C for its own samples, and the rest keeps C; with two classes each has its own.
  std::map<std::string, double> class_weights{};

  friend bool operator==(const TrainOptions&, const TrainOptions&) = default;
};

/// Proof of how good one row (one class against the rest) is; see certificate.h for the formulas.
struct Certificate {
  double objective = 0;         ///< Primal objective P(w, b).
  double dual_objective = 0;    ///< D(α) of a feasible α; the optimum lies between D and P.
  double duality_gap = 0;       ///< P − D, ≥ 0 up to rounding.
  double violation = 0;         ///< Of the optimality conditions: squared hinge with L2: ‖∇P‖; others: certificate.h.
  std::int64_t support_vectors = 0;  ///< Samples with a dual variable above 0.
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
  /// Whether `options` is what it was trained with; false where another program's file does not say. Then `options` has
  /// its defaults, which mean nothing.
  bool options_known = true;
  std::vector<Certificate> certificates;   ///< Shape: rows, or empty where the model came without.
  std::string data_sha256{};               ///< Of the text of the training data; empty where that is not known.
  std::string trained_by{};                ///< "iris-predictor 0.1.0", or whatever else made it; may be empty.

  std::size_t rows() const { return bias.size(); }
  std::size_t feature_count() const { return feature_names.size(); }

  /// Weights of row `r`. Shape: features. Borrowed from this Model.
  std::span<const double> row(std::size_t r) const {
    return {weights.data() + r * feature_count(), feature_count()};
  }

  friend bool operator==(const Model&, const Model&) = default;
};

}  // namespace iris
