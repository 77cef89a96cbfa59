// SPDX-License-Identifier: Apache-2.0

#include "src/svm/predictor.h"

#include <cassert>
#include <cstddef>
#include <limits>

namespace iris {
namespace {

double DecisionValue(const Model& model, std::size_t r, const double* x) {
  const std::size_t features = model.feature_count();
  const double* const weights = model.weights.data() + r * features;
  double sum = 0.0;
  for (std::size_t k = 0; k < features; ++k) sum += weights[k] * x[k];
  return sum + model.bias[r];
}

}  // namespace

void DecisionValues(const Model& model, std::span<const double> x, std::span<double> out) {
  assert(x.size() == model.feature_count() && out.size() == model.rows());
  for (std::size_t r = 0; r < model.rows(); ++r) out[r] = DecisionValue(model, r, x.data());
}

std::int32_t Predict(const Model& model, std::span<const double> x) {
  assert(x.size() == model.feature_count());
  if (model.rows() == 1) return DecisionValue(model, 0, x.data()) > 0.0 ? 1 : 0;
  std::int32_t best = 0;
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t r = 0; r < model.rows(); ++r) {
    // Not >=: ties go to the lowest index. A NaN (infinities of both signs met in an overflow) never wins.
    const double value = DecisionValue(model, r, x.data());
    if (value > largest) {
      largest = value;
      best = static_cast<std::int32_t>(r);
    }
  }
  return best;
}

}  // namespace iris
