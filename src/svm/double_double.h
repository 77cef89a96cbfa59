// SPDX-License-Identifier: Apache-2.0

#pragma once

namespace iris {

/// A sum of doubles and of products of doubles, carried in twice the precision of a double: about 32 digits relative to
/// the largest partial sum. Plain IEEE operations only (no fused multiply-add, no long double), so that every machine
/// gets the same bits. Requires: magnitudes below 2^996, beyond which it turns into NaN or infinity.
/// Number: double, or a vector of doubles for as many sums side by side.
/// Source: T. J. Dekker, "A floating-point technique for extending the available precision", Numerische Mathematik 18
/// (1971); T. Ogita, S. M. Rump, S. Oishi, "Accurate sum and dot product", SIAM J. Sci. Comput. 26 (2005).
template <typename Number>
class BasicDoubleDouble {
 public:
  /// A number cut into two halves of 26 bits each, whose products with other halves are exact (Dekker's splitting).
  struct Halves {
    Number whole;
    Number high;
    Number low;
  };
  static Halves Split(Number x) {
    const Number scaled = 134217729.0 * x;  // 2^27 + 1
    const Number high = scaled - (scaled - x);
    return {x, high, x - high};
  }

  BasicDoubleDouble() = default;
  BasicDoubleDouble(Number high, Number low) : high_(high), low_(low) {}

  /// Adds `x`, exactly but for what falls off the low end of the low part.
  void Add(Number x) {
    const Number sum = high_ + x;
    const Number from_x = sum - high_;
    low_ += (high_ - (sum - from_x)) + (x - from_x);
    high_ = sum;
  }

  /// Adds what is small beside the sum.
  void AddLow(Number x) { low_ += x; }

  /// Adds another sum.
  void Add(const BasicDoubleDouble& other) {
    Add(other.high_);
    Add(other.low_);
  }

  /// Adds a · b, product included.
  void AddProduct(Number a, Number b) { AddProduct(Split(a), Split(b)); }
  void AddProduct(const Halves& a, const Halves& b) {
    const Number product = a.whole * b.whole;
    Add(product);
    low_ += ((a.high * b.high - product) + a.high * b.low + a.low * b.high) + a.low * b.low;
  }

  /// Adds a · b for a sum `b`.
  void AddProduct(Number a, const BasicDoubleDouble& b) {
    AddProduct(a, b.high_);
    AddProduct(a, b.low_);
  }

  Number high() const { return high_; }
  Number low() const { return low_; }
  /// The nearest Number.
  Number value() const { return high_ + low_; }

 private:
  Number high_{};
  Number low_{};
};

using DoubleDouble = BasicDoubleDouble<double>;

}  // namespace iris
