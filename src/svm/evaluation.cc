// SPDX-License-Identifier: Apache-2.0

#include "src/svm/evaluation.h"

#include <cassert>

#include "src/svm/predictor.h"

namespace iris {
namespace {

double Ratio(double above, double below) { return below == 0.0 ? 0.0 : above / below; }

}  // namespace

std::size_t Evaluation::support(std::size_t c) const {
  std::size_t sum = 0;
  for (std::size_t p = 0; p < classes; ++p) sum += confusion[c * classes + p];
  return sum;
}

std::size_t Evaluation::predicted(std::size_t c) const {
  std::size_t sum = 0;
  for (std::size_t t = 0; t < classes; ++t) sum += confusion[t * classes + c];
  return sum;
}

Scores Evaluation::scores(std::size_t c) const {
  const auto hits = static_cast<double>(confusion[c * classes + c]);
  const auto truly = static_cast<double>(support(c));
  const auto called = static_cast<double>(predicted(c));
  // F1 straight from the counts: going through precision and recall would round twice more.
  return {Ratio(hits, called), Ratio(hits, truly), Ratio(2 * hits, called + truly)};
}

Scores Evaluation::macro_average() const {
  Scores sum;
  double counted = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    if (support(c) == 0 && predicted(c) == 0) continue;
    const Scores each = scores(c);
    sum = {sum.precision + each.precision, sum.recall + each.recall, sum.f1 + each.f1};
    ++counted;
  }
  return {Ratio(sum.precision, counted), Ratio(sum.recall, counted), Ratio(sum.f1, counted)};
}

Scores Evaluation::weighted_average() const {
  Scores sum;
  for (std::size_t c = 0; c < classes; ++c) {
    const Scores each = scores(c);
    const auto weight = static_cast<double>(support(c));
    sum = {sum.precision + weight * each.precision, sum.recall + weight * each.recall, sum.f1 + weight * each.f1};
  }
  const auto all = static_cast<double>(samples);
  return {Ratio(sum.precision, all), Ratio(sum.recall, all), Ratio(sum.f1, all)};
}

Evaluation Compare(std::span<const std::int32_t> labels, std::span<const std::int32_t> predictions,
                   std::size_t classes) {
  assert(labels.size() == predictions.size());
  Evaluation evaluation;
  evaluation.samples = labels.size();
  evaluation.classes = classes;
  evaluation.confusion.assign(classes * classes, 0);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ++evaluation.confusion[static_cast<std::size_t>(labels[i]) * classes + static_cast<std::size_t>(predictions[i])];
    if (labels[i] == predictions[i]) {
      ++evaluation.correct;
    } else {
      evaluation.wrong.push_back(i);
    }
  }
  return evaluation;
}

Evaluation Evaluate(const Model& model, const Dataset& dataset) {
  assert(model.feature_count() == dataset.feature_count());
  return Compare(dataset.labels, PredictAll(model, dataset.features), model.class_names.size());
}

}  // namespace iris
