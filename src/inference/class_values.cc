// SPDX-License-Identifier: Apache-2.0

#include "src/inference/class_values.h"

#include <cassert>

#include "src/svm/predictor.h"

namespace iris {

void ClassDecisions(const Model& model, std::span<const double> x, std::span<double> out) {
  assert(out.size() == model.class_names.size());
  if (model.rows() != 1) return DecisionValues(model, x, out);
  DecisionValues(model, x, out.subspan(1));
  out[0] = -out[1];
}

void ClassDecisionsBatch(const Model& model, std::span<const double> samples, std::span<double> out) {
  if (model.rows() != 1) return DecisionValuesBatch(model, samples, out);
  const std::size_t features = model.feature_count();
  assert(out.size() * features == 2 * samples.size());
  for (std::size_t i = 0; 2 * i < out.size(); ++i) {
    ClassDecisions(model, {samples.data() + i * features, features}, {out.data() + 2 * i, 2});
  }
}

void ClassContributions(const Model& model, std::span<const double> x, std::span<double> out) {
  const std::size_t features = model.feature_count();
  const std::size_t rows = model.rows();
  assert(x.size() == features && out.size() == model.class_names.size() * features);
  const std::size_t negated = rows == 1 ? features : 0;
  const double* const weights = model.weights.data();
  double* const terms = out.data() + negated;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < features; ++i) terms[r * features + i] = weights[r * features + i] * x.data()[i];
  }
  for (std::size_t i = 0; i < negated; ++i) out.data()[i] = -terms[i];
}

double ClassBias(const Model& model, std::size_t k) {
  if (model.rows() != 1) return model.bias[k];
  return k == 0 ? -model.bias[0] : model.bias[0];
}

}  // namespace iris
