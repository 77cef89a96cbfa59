// SPDX-License-Identifier: Apache-2.0

#include "src/svm/predictor.h"

#include <cassert>
#include <cstddef>
#include <limits>
#include <variant>

#include "src/svm/prediction_tiles.h"

namespace iris {
namespace {

double DecisionValue(const double* weights, double bias, std::size_t features, const double* x) {
  double sum = 0.0;
  for (std::size_t k = 0; k < features; ++k) sum += weights[k] * x[k];
  return sum + bias;
}

double DecisionValue(const double* weights, double bias, const SparseRow& x) {
  const std::uint32_t* const columns = x.columns.data();
  const double* const values = x.values.data();
  double sum = 0.0;
  for (std::size_t j = 0; j < x.values.size(); ++j) sum += weights[columns[j]] * values[j];
  return sum + bias;
}

}  // namespace

void DecisionValues(const Model& model, std::span<const double> x, std::span<double> out) {
  const std::size_t features = model.feature_count();
  assert(x.size() == features && out.size() == model.rows());
  for (std::size_t r = 0; r < model.rows(); ++r) {
    out[r] = DecisionValue(model.weights.data() + r * features, model.bias[r], features, x.data());
  }
}

void DecisionValues(const Model& model, SparseRow x, std::span<double> out) {
  assert(x.columns.empty() || x.columns.back() < model.feature_count());
  assert(out.size() == model.rows());
  for (std::size_t r = 0; r < model.rows(); ++r) {
    out[r] = DecisionValue(model.weights.data() + r * model.feature_count(), model.bias[r], x);
  }
}

void DecisionValuesBatch(const Model& model, std::span<const double> samples, std::span<double> out) {
  const std::size_t features = model.feature_count();
  const std::size_t rows = model.rows();
  const std::size_t count = out.size() / rows;
  assert(samples.size() == count * features && out.size() == count * rows);
  std::size_t i = DecideTiles(model, samples, out, HasWideRegisters());
  for (; i < count; ++i) DecisionValues(model, samples.subspan(i * features, features), out.subspan(i * rows, rows));
}

std::int32_t PredictedClass(std::span<const double> decision_values) {
  if (decision_values.size() == 1) return decision_values[0] > 0.0 ? 1 : 0;
  std::int32_t best = 0;
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t r = 0; r < decision_values.size(); ++r) {
    // Not >=: ties go to the lowest index. A NaN (infinities of both signs met in an overflow) never wins.
    if (decision_values[r] > largest) {
      largest = decision_values[r];
      best = static_cast<std::int32_t>(r);
    }
  }
  return best;
}

std::int32_t Predict(const Model& model, std::span<const double> x) {
  assert(x.size() == model.feature_count());
  const std::size_t features = model.feature_count();
  const double* const weights = model.weights.data();
  if (model.rows() == 1) return DecisionValue(weights, model.bias[0], features, x.data()) > 0.0 ? 1 : 0;
  std::int32_t best = 0;
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t r = 0; r < model.rows(); ++r) {  // as PredictedClass, without room for all values
    const double value = DecisionValue(weights + r * features, model.bias[r], features, x.data());
    if (value > largest) {
      largest = value;
      best = static_cast<std::int32_t>(r);
    }
  }
  return best;
}

void PredictBatch(const Model& model, std::span<const double> samples, std::span<std::int32_t> labels) {
  const std::size_t features = model.feature_count();
  assert(samples.size() == labels.size() * features);
  std::size_t i = PredictTiles(model, samples, labels, HasWideRegisters());
  for (; i < labels.size(); ++i) labels.data()[i] = Predict(model, {samples.data() + i * features, features});
}

std::vector<std::int32_t> PredictAll(const Model& model, const Matrix& samples) {
  std::vector<std::int32_t> predicted(Rows(samples));
  if (const auto* const dense = std::get_if<DenseMatrix>(&samples)) {
    assert(dense->columns == model.feature_count());
    PredictBatch(model, dense->values, predicted);
    return predicted;
  }
  const auto& sparse = std::get<SparseMatrix>(samples);
  std::vector<double> values(model.rows());
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    DecisionValues(model, sparse.row(i), values);
    predicted[i] = PredictedClass(values);
  }
  return predicted;
}

}  // namespace iris
