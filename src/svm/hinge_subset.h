// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "src/svm/binary_problem.h"

namespace iris {

/// A copy of some of the samples of a problem, and the problem that they make.
class HingeSubset {
 public:
  /// The samples with these indices, in this order, with their costs multiplied by `cost_factor`.
  HingeSubset(const BinaryProblem& problem, std::span<const std::size_t> samples, double cost_factor);
  HingeSubset(const HingeSubset&) = delete;
  HingeSubset& operator=(const HingeSubset&) = delete;

  /// Borrows from this.
  BinaryProblem problem() const { return {features_, signs_, costs_, intercept_}; }

 private:
  Matrix features_;
  std::vector<double> signs_;
  std::vector<double> costs_;
  double intercept_;
};

/// About one in kSampleRate of the samples, scattered over the table by a fixed rule without regard to any order or
/// period of it. With kSampleRate times their costs, their optimum is near that of the whole, at a fraction of the
/// time.
inline constexpr std::size_t kSampleRate = 16;
std::vector<std::size_t> ScatteredSamples(std::size_t samples);

}  // namespace iris
