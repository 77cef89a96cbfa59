// SPDX-License-Identifier: Apache-2.0

#include "src/svm/trainer.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "src/base/number.h"
#include "src/base/text.h"
#include "src/svm/binary_problem.h"
#include "src/svm/certificate.h"
#include "src/svm/newton.h"

namespace iris {
namespace {

constexpr double kLargestRelativeGap = 1e-10;
constexpr std::size_t kMaxFeatures = 8192;  // the solver's matrix then takes 512 MiB

/// Everything that Train needs to be true of its input.
Result<void> CheckInput(const Dataset& dataset, const TrainOptions& options) {
  if (!std::isfinite(options.cost) || options.cost <= 0.0) {
    return Fail(ErrorCode::kInvalidArgument, "found the cost " + FormatDouble(options.cost) +
                                                 ", expected a finite number greater than 0, such as 1");
  }
  if (dataset.samples() == 0) return Fail(ErrorCode::kBadData, "found no samples to train on, expected at least two");
  if (dataset.feature_count() == 0 || dataset.feature_count() > kMaxFeatures) {
    return Fail(ErrorCode::kBadData, "found " + std::to_string(dataset.feature_count()) + " features, expected 1 to " +
                                         std::to_string(kMaxFeatures));
  }
  bool two_classes = false;
  for (const std::int32_t label : dataset.labels) two_classes = two_classes || label != dataset.labels.front();
  if (!two_classes) {
    const std::string& name = dataset.class_names[static_cast<std::size_t>(dataset.labels.front())];
    return Fail(ErrorCode::kBadData,
                "found samples of one class only (" + Quote(name) + "), expected at least two classes");
  }
  return {};
}

/// +1 for the samples of class `positive`, −1 for the rest. Shape: samples.
std::vector<double> Signs(std::span<const std::int32_t> labels, std::size_t positive) {
  std::vector<double> signs;
  signs.reserve(labels.size());
  for (const std::int32_t label : labels) signs.push_back(static_cast<std::size_t>(label) == positive ? 1.0 : -1.0);
  return signs;
}

std::unexpected<Error> NotOptimal(const std::string& class_name, const Certificate& certificate) {
  return Fail(ErrorCode::kCheckFailed, "class " + Quote(class_name) + ": not at the optimum: the duality gap is " +
                                           FormatDouble(certificate.duality_gap) + " of an objective of " +
                                           FormatDouble(certificate.objective) + ", expected a ratio of at most " +
                                           FormatDouble(kLargestRelativeGap) +
                                           ": scale the features to similar ranges, or lower the cost");
}

}  // namespace

Result<Model> Train(const Dataset& dataset, const TrainOptions& options) {
  if (Result<void> checked = CheckInput(dataset, options); !checked) return std::unexpected(std::move(checked.error()));
  Model model;
  model.class_names = dataset.class_names;
  model.feature_names = dataset.feature_names;
  model.options = options;
  const std::size_t classes = dataset.class_names.size();
  // With two classes the rows would be each other's negatives: class 1 against class 0 says it all.
  for (std::size_t positive = classes == 2 ? 1 : 0; positive < classes; ++positive) {
    const std::vector<double> signs = Signs(dataset.labels, positive);
    const BinaryProblem problem{dataset.features, signs, dataset.feature_count(), options.cost};
    const Result<NewtonSolution> solution = SolveSquaredHinge(problem);
    if (!solution) {
      return Fail(solution.error().code,
                  "class " + Quote(dataset.class_names[positive]) + ": " + solution.error().message);
    }
    const Certificate certificate =
        Certify(problem, solution->weights, solution->bias, solution->rounded_off, solution->steps);
    // Written so that a NaN fails it too.
    if (!(certificate.duality_gap <= kLargestRelativeGap * certificate.objective)) {
      return NotOptimal(dataset.class_names[positive], certificate);
    }
    model.weights.insert(model.weights.end(), solution->weights.begin(), solution->weights.end());
    model.bias.push_back(solution->bias);
    model.certificates.push_back(certificate);
  }
  return model;
}

}  // namespace iris
