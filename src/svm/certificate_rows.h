// SPDX-License-Identifier: Apache-2.0
//
// The certificate's innermost loops: rows of a table with weights, in twice double precision.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/dataset/matrix.h"
#include "src/svm/double_double.h"
#include "src/svm/pair.h"

namespace iris {

using PairOfSums = BasicDoubleDouble<Pair>;

/// Weights cut in halves once for all samples. Shape of each: features + 1, or 0.
struct SplitWeights {
  std::vector<double> whole;
  std::vector<double> high;
  std::vector<double> low;

  explicit SplitWeights(std::span<const double> weights) {
    for (const double weight : weights) {
      const DoubleDouble::Halves halves = DoubleDouble::Split(weight);
      whole.push_back(halves.whole);
      high.push_back(halves.high);
      low.push_back(halves.low);
    }
  }
};

/// sum + w·x, over the features that the row stores.
inline DoubleDouble Decision(std::span<const double> x, const SplitWeights& weights, DoubleDouble sum) {
  const double* const values = x.data();
  const double* const whole = weights.whole.data();
  const double* const high = weights.high.data();
  const double* const low = weights.low.data();
  PairOfSums pairs[2];
  std::size_t k = 0;
  for (; k + 4 <= x.size(); k += 4) {
    for (std::size_t j = 0; j < 2; ++j) {
      const std::size_t at = k + 2 * j;
      pairs[j].AddProduct({LoadPair(whole + at), LoadPair(high + at), LoadPair(low + at)},
                          PairOfSums::Split(LoadPair(values + at)));
    }
  }
  if (k > 0) {
    pairs[0].Add(pairs[1]);
    for (std::size_t lane = 0; lane < 2; ++lane) {
      sum.Add(pairs[0].high()[lane]);
      sum.Add(pairs[0].low()[lane]);
    }
  }
  for (; k < x.size(); ++k) sum.AddProduct({whole[k], high[k], low[k]}, DoubleDouble::Split(values[k]));
  return sum;
}

inline DoubleDouble Decision(const SparseRow& x, const SplitWeights& weights, DoubleDouble sum) {
  const double* const values = x.values.data();
  const std::uint32_t* const columns = x.columns.data();
  const double* const whole = weights.whole.data();
  const double* const high = weights.high.data();
  const double* const low = weights.low.data();
  for (std::size_t j = 0; j < x.values.size(); ++j) {
    const std::size_t k = columns[j];
    sum.AddProduct({whole[k], high[k], low[k]}, DoubleDouble::Split(values[j]));
  }
  return sum;
}

/// Σ factor x over samples, and Σ factor. Shape of high and low parts: features.
struct Pull {
  std::vector<double> high;
  std::vector<double> low;
  DoubleDouble factors;

  explicit Pull(std::size_t features) : high(features), low(features) {}

  void Add(double factor, std::span<const double> x) {
    factors.Add(factor);
    const double* const values = x.data();
    double* const highs = high.data();
    double* const lows = low.data();
    const PairOfSums::Halves halves = PairOfSums::Split(Pair{factor, factor});
    std::size_t k = 0;
    for (; k + 2 <= x.size(); k += 2) {
      PairOfSums sums(LoadPair(highs + k), LoadPair(lows + k));
      sums.AddProduct(halves, PairOfSums::Split(LoadPair(values + k)));
      StorePair(highs + k, sums.high());
      StorePair(lows + k, sums.low());
    }
    if (k < x.size()) AddAt(k, factor, values[k]);
  }
  void Add(double factor, const SparseRow& x) {
    factors.Add(factor);
    const double* const values = x.values.data();
    const std::uint32_t* const columns = x.columns.data();
    for (std::size_t j = 0; j < x.values.size(); ++j) AddAt(columns[j], factor, values[j]);
  }
  void Add(const Pull& other) {
    for (std::size_t k = 0; k < high.size(); ++k) {
      DoubleDouble sum = at(k);
      sum.Add(other.at(k));
      high[k] = sum.high();
      low[k] = sum.low();
    }
    factors.Add(other.factors);
  }
  DoubleDouble at(std::size_t k) const { return {high[k], low[k]}; }

 private:
  void AddAt(std::size_t k, double factor, double value) {
    DoubleDouble sum(high.data()[k], low.data()[k]);
    sum.AddProduct(factor, value);
    high.data()[k] = sum.high();
    low.data()[k] = sum.low();
  }
};

}  // namespace iris
