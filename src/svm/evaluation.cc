// SPDX-License-Identifier: Apache-2.0

#include "src/svm/evaluation.h"

#include <cassert>

#include "src/svm/predictor.h"

namespace iris {

Evaluation Evaluate(const Model& model, const Dataset& dataset) {
  assert(model.feature_count() == dataset.feature_count());
  Evaluation evaluation;
  evaluation.samples = dataset.samples();
  for (std::size_t i = 0; i < dataset.samples(); ++i) {
    if (Predict(model, dataset.sample(i)) == dataset.labels[i]) {
      ++evaluation.correct;
    } else {
      evaluation.wrong.push_back(i);
    }
  }
  return evaluation;
}

}  // namespace iris
