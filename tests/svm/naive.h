// SPDX-License-Identifier: Apache-2.0
//
// Objectives, primal and dual, written out naively in long double: a proof of optimality that shares nothing with the
// solvers or the certificates. By weak duality no point is better than the dual of any feasible one.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "src/svm/binary_problem.h"
#include "tests/svm/tables.h"

namespace iris {

/// Two classes, class 1 against the rest, and their costs.
struct Given {
  Dataset table;
  std::vector<double> signs;
  std::vector<double> costs;
  double intercept = 1.0;

  Given(Dataset dataset, double cost, double constant = 1.0, double weight_of_class = 1.5)
      : table(std::move(dataset)), signs(SignsOf(table, 1)), costs(table.samples(), cost), intercept(constant) {
    for (std::size_t i = 0; i < costs.size(); ++i) {
      if (signs[i] > 0.0) costs[i] *= weight_of_class;
    }
  }
  BinaryProblem problem() const { return {table.features, signs, costs, intercept}; }
};

struct NaiveBounds {
  double primal = 0;  ///< P(w̃).
  double dual = 0;    ///< D(α) of a feasible α.
  double rounding = 0;  ///< What rounding to long double may do to the relative gap.
  double relative_gap() const { return (primal - dual) / primal; }
};

/// 1 − s w̃·x̃ of every sample.
inline std::vector<long double> NaiveResiduals(const BinaryProblem& problem, std::span<const double> weights,
                                               std::span<const double> rounded_off = {}) {
  std::vector<long double> residuals;
  for (std::size_t i = 0; i < problem.samples(); ++i) {
    const std::vector<double> x = FullRow(problem, i);
    long double decision = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      decision += static_cast<long double>(weights[k]) * x[k];
      if (!rounded_off.empty()) decision += static_cast<long double>(rounded_off[k]) * x[k];
    }
    residuals.push_back(1 - problem.signs[i] * decision);
  }
  return residuals;
}

/// Σ α s x̃.
inline std::vector<long double> NaivePull(const BinaryProblem& problem, std::span<const long double> alpha) {
  std::vector<long double> pull(problem.feature_count() + 1);
  for (std::size_t i = 0; i < problem.samples(); ++i) {
    if (alpha[i] == 0) continue;
    const std::vector<double> x = FullRow(problem, i);
    for (std::size_t k = 0; k < x.size(); ++k) pull[k] += alpha[i] * problem.signs[i] * x[k];
  }
  return pull;
}

/// Of the hinge with L2 penalty, with the solution's α, clamped to its box.
inline NaiveBounds NaiveHinge(const BinaryProblem& problem, const BinarySolution& solution) {
  long double primal = 0;
  for (const double w : solution.weights) primal += static_cast<long double>(w) * w / 2;
  const std::vector<long double> residuals = NaiveResiduals(problem, solution.weights);
  std::vector<long double> alpha;
  long double dual = 0;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    primal += problem.costs[i] * std::max(residuals[i], 0.0L);
    alpha.push_back(std::clamp(solution.dual[i], 0.0, problem.costs[i]));
    dual += alpha.back();
  }
  for (const long double component : NaivePull(problem, alpha)) dual -= component * component / 2;
  return {static_cast<double>(primal), static_cast<double>(dual), 0.0};
}

/// Of the squared hinge with L1 penalty, with the α of the weights before rounding, scaled into its box.
inline NaiveBounds NaiveL1(const BinaryProblem& problem, const BinarySolution& solution) {
  long double primal = 0;
  for (const double w : solution.weights) primal += std::abs(static_cast<long double>(w));
  const std::vector<long double> rounded = NaiveResiduals(problem, solution.weights);
  const std::vector<long double> residuals = NaiveResiduals(problem, solution.weights, solution.rounded_off);
  std::vector<long double> alpha;
  long double sum = 0;
  long double squares = 0;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    const long double cost = problem.costs[i];
    if (rounded[i] > 0) primal += cost * rounded[i] * rounded[i];
    alpha.push_back(2 * cost * std::max(residuals[i], 0.0L));
    sum += alpha.back();
    squares += alpha.back() * alpha.back() / (4 * cost);
  }
  long double largest = 1;
  for (const long double component : NaivePull(problem, alpha)) largest = std::max(largest, std::abs(component));
  // α is a small difference times a large cost, and the box is an exact matter: the digits that a long double has of
  // it.
  std::vector<long double> rounding(solution.weights.size());
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    const std::vector<double> x = FullRow(problem, i);
    long double magnitude = 1;
    for (std::size_t k = 0; k < x.size(); ++k) magnitude += std::abs(solution.weights[k] * x[k]);
    const long double of_alpha = 0x1p-61L * 2 * problem.costs[i] * magnitude;
    for (std::size_t k = 0; k < x.size(); ++k) rounding[k] += of_alpha * std::abs(x[k]);
  }
  return {static_cast<double>(primal), static_cast<double>(sum / largest - squares / (largest * largest)),
          static_cast<double>(*std::ranges::max_element(rounding))};
}

/// What can be the matter with a table.
enum class Trouble { kNone, kSeparable, kScales, kConstantAndZero, kCopies, kNearlyCollinear, kImbalanced };
inline constexpr Trouble kAllTroubles[] = {Trouble::kNone,   Trouble::kSeparable,       Trouble::kScales,
                                           Trouble::kConstantAndZero, Trouble::kCopies, Trouble::kNearlyCollinear,
                                           Trouble::kImbalanced};

/// A noisy table of two classes with one of them. At least 4 features, an even number of samples.
inline Dataset TroubledTable(std::size_t samples, std::size_t features, Trouble trouble, unsigned seed) {
  Dataset table = NoisyTable(samples, features, 2, seed);
  std::mt19937_64 random(seed + 1);
  for (std::size_t i = 0; i < samples; ++i) {
    double* const x = ValuesOf(table).data() + i * features;
    switch (trouble) {
      case Trouble::kNone: break;
      case Trouble::kSeparable: x[0] = (table.labels[i] == 1 ? 1.0 : -1.0) * (1.5 + Uniform(random)); break;
      case Trouble::kScales:
        for (std::size_t k = 0; k < features; ++k) {
          x[k] *= std::pow(10.0, 12.0 * static_cast<double>(k) / static_cast<double>(features - 1) - 6.0);
        }
        break;
      case Trouble::kConstantAndZero: x[1] = 3.0; x[2] = 0.0; break;
      case Trouble::kCopies:
        x[3] = x[0];
        if (i >= samples / 2) {
          std::copy_n(ValuesOf(table).data() + (i - samples / 2) * features, features, x);
          table.labels[i] = table.labels[i - samples / 2];
        }
        break;
      case Trouble::kNearlyCollinear: x[3] = x[0] + 1e-6 * x[3]; break;
      case Trouble::kImbalanced: if (i >= 2 && i % 20 != 0) table.labels[i] = 0; break;
    }
  }
  return table;
}

}  // namespace iris
