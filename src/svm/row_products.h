// SPDX-License-Identifier: Apache-2.0
//
// The innermost loops: one row of a table, dense or sparse, with a vector of as many numbers as the table has columns.
// The order of every sum is written out, so that it does not depend on how wide the machine's registers are.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/dataset/matrix.h"
#include "src/svm/pair.h"

namespace iris {

/// x·v.
inline double Dot(std::span<const double> x, const double* v) {
  const double* const values = x.data();
  const std::size_t size = x.size();
  Pair even = {0.0, 0.0};
  Pair odd = {0.0, 0.0};
  std::size_t k = 0;
  for (; k + 4 <= size; k += 4) {
    even += LoadPair(values + k) * LoadPair(v + k);
    odd += LoadPair(values + k + 2) * LoadPair(v + k + 2);
  }
  even += odd;
  double sum = even[0] + even[1];
  for (; k < size; ++k) sum += values[k] * v[k];
  return sum;
}

inline double Dot(const SparseRow& x, const double* v) {
  const double* const values = x.values.data();
  const std::uint32_t* const columns = x.columns.data();
  const std::size_t size = x.values.size();
  double even = 0.0;
  double odd = 0.0;
  std::size_t j = 0;
  for (; j + 2 <= size; j += 2) {
    even += values[j] * v[columns[j]];
    odd += values[j + 1] * v[columns[j + 1]];
  }
  if (j < size) even += values[j] * v[columns[j]];
  return even + odd;
}

/// Asks for a row to be brought into the cache.
inline void Prefetch(std::span<const double> x) {
  constexpr std::size_t kLine = 8;  // doubles
  for (std::size_t k = 0; k < x.size(); k += kLine) __builtin_prefetch(x.data() + k);
}
inline void Prefetch(const SparseRow& x) {
  constexpr std::size_t kLine = 8;
  for (std::size_t j = 0; j < x.values.size(); j += kLine) __builtin_prefetch(x.values.data() + j);
  for (std::size_t j = 0; j < x.columns.size(); j += 2 * kLine) __builtin_prefetch(x.columns.data() + j);
}

/// sum += Σ factor_j x_j over rows; takes several at a time, so that the sum is read and written less often. Call Flush
/// in the end. Where dense rows come from memory, those whose factor is 0 are best added like others: memory is read
/// twice as fast in order as with gaps.
class RowSum {
 public:
  explicit RowSum(double* sum) : sum_(sum) {}

  void Add(double factor, std::span<const double> x) {
    Prefetch(x);
    factors_[filled_] = factor;
    rows_[filled_] = x.data();
    size_ = x.size();
    if (++filled_ == kTogether) Flush();
  }
  void Add(double factor, const SparseRow& x) {
    if (factor == 0.0) return;
    const double* const values = x.values.data();
    const std::uint32_t* const columns = x.columns.data();
    for (std::size_t j = 0; j < x.values.size(); ++j) sum_[columns[j]] += factor * values[j];
  }

  void Flush() {
    if (filled_ == 0) return;
    for (std::size_t j = filled_; j < kTogether; ++j) {
      factors_[j] = 0.0;
      rows_[j] = rows_[0];
    }
    const double* const x0 = rows_[0];
    const double* const x1 = rows_[1];
    const double* const x2 = rows_[2];
    const double* const x3 = rows_[3];
    const double f0 = factors_[0];
    const double f1 = factors_[1];
    const double f2 = factors_[2];
    const double f3 = factors_[3];
    double* const sum = sum_;
    std::size_t k = 0;
    for (; k + 2 <= size_; k += 2) {
      StorePair(sum + k, LoadPair(sum + k) + ((f0 * LoadPair(x0 + k) + f1 * LoadPair(x1 + k)) +
                                              (f2 * LoadPair(x2 + k) + f3 * LoadPair(x3 + k))));
    }
    if (k < size_) sum[k] += (f0 * x0[k] + f1 * x1[k]) + (f2 * x2[k] + f3 * x3[k]);
    filled_ = 0;
  }

 private:
  static constexpr std::size_t kTogether = 4;
  double* sum_;
  double factors_[kTogether] = {};
  const double* rows_[kTogether] = {};
  std::size_t size_ = 0;
  std::size_t filled_ = 0;
};

/// sum += factor · x.
inline void AddMultiple(double factor, std::span<const double> x, double* sum) {
  const double* const values = x.data();
  const std::size_t size = x.size();
  for (std::size_t k = 0; k < size; ++k) sum[k] += factor * values[k];
}

inline void AddMultiple(double factor, const SparseRow& x, double* sum) {
  const double* const values = x.values.data();
  const std::uint32_t* const columns = x.columns.data();
  const std::size_t size = x.values.size();
  for (std::size_t j = 0; j < size; ++j) sum[columns[j]] += factor * values[j];
}

}  // namespace iris
