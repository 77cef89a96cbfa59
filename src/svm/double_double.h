// SPDX-License-Identifier: Apache-2.0

#pragma once

namespace iris {

/// A sum of doubles and of products of doubles, carried in twice the precision of a double: about 32 digits relative to
/// the largest partial sum. Plain IEEE operations only (no fused multiply-add, no long double), so that every machine
/// gets the same bits. Requires: magnitudes below 2^996, beyond which it turns into NaN or infinity.
/// Source: T. J. Dekker, "A floating-point technique for extending the available precision", Numerische Mathematik 18
/// (1971); T. Ogita, S. M. Rump, S. Oishi, "Accurate sum and dot product", SIAM J. Sci. Comput. 26 (2005).
class DoubleDouble {
 public:
  /// Adds `x`, exactly but for what falls off the low end of the low part.
  void Add(double x) {
    const double sum = high_ + x;
    const double from_x = sum - high_;
    low_ += (high_ - (sum - from_x)) + (x - from_x);
    high_ = sum;
  }

  /// Adds a · b, product included.
  void AddProduct(double a, double b) {
    const double product = a * b;
    const double a_high = HighHalf(a);
    const double a_low = a - a_high;
    const double b_high = HighHalf(b);
    const double b_low = b - b_high;
    Add(product);
    low_ += ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
  }

  /// Adds a · b for a sum `b`.
  void AddProduct(double a, const DoubleDouble& b) {
    AddProduct(a, b.high_);
    AddProduct(a, b.low_);
  }

  double high() const { return high_; }
  double low() const { return low_; }
  /// The nearest double.
  double value() const { return high_ + low_; }

 private:
  /// The upper 26 bits of `x` (Dekker's splitting).
  static double HighHalf(double x) {
    const double scaled = 134217729.0 * x;  // 2^27 + 1
    return scaled - (scaled - x);
  }

  double high_ = 0.0;
  double low_ = 0.0;
};

}  // namespace iris
