// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <span>
#include <vector>

#include "src/svm/binary_problem.h"
#include "src/svm/thread_team.h"

namespace iris {

/// A number with about twice the digits of a double: high + low. Sums and products as in Dekker, Numerische Mathematik
/// 18 (1971). The certificate, which checks what is computed with it, has arithmetic of its own.
struct FineNumber {
  double high = 0.0;
  double low = 0.0;

  void Add(double x) {
    const double sum = high + x;
    const double from_x = sum - high;
    low += (high - (sum - from_x)) + (x - from_x);
    high = sum;
  }
  void AddProduct(double a, double b) {
    constexpr double kSplit = 134217729.0;  // 2^27 + 1
    const double product = a * b;
    const double a_scaled = kSplit * a;
    const double a_high = a_scaled - (a_scaled - a);
    const double a_low = a - a_high;
    const double b_scaled = kSplit * b;
    const double b_high = b_scaled - (b_scaled - b);
    const double b_low = b - b_high;
    low += ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    Add(product);
  }
  void Add(const FineNumber& x) {
    Add(x.high);
    low += x.low;
  }
  double value() const { return high + low; }
};

/// What there is to know about a point w̃ of the squared hinge, with α_i = 2 C_i max(0, r_i).
struct FinePoint {
  std::vector<FineNumber> pull;  ///< Σ α_i z_i. Shape: feature_count + 1.
  FineNumber alpha;              ///< Σ α_i.
  FineNumber losses;             ///< Σ C_i max(0, r_i)².
};

/// Looks at w̃ = high + low. Shape of both: feature_count + 1. Deterministic, whatever the team.
FinePoint LookFinely(const BinaryProblem& problem, std::span<const double> high, std::span<const double> low,
                     ThreadTeam& team);

}  // namespace iris
