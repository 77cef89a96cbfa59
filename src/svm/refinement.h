// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "src/svm/binary_problem.h"
#include "src/svm/hessian.h"

namespace iris {

/// Weights w̃ with about twice the digits of a double: high + low, where high is the rounded weight.
struct FineWeights {
  std::vector<double> high;  ///< Shape: features + 1.
  std::vector<double> low;   ///< Shape: features + 1.
};

/// Newton steps with the factors at hand, but with residuals, gradient and weights in twice double precision, for as
/// long as each at least halves the gradient. Where features are large and nearly collinear, and C is large, rounding the
/// weights to doubles alone makes a gradient too large for a dual point near the optimum; the finer weights give one.
/// Requires: `hessian` is factored for the active set of `weights`, or one close to it.
/// Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. (2002), chapter 12.
void Refine(const BinaryProblem& problem, const Hessian& hessian, FineWeights& weights);

}  // namespace iris
